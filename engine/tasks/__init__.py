"""What people see of work: the inbox, a task with all that its page needs, an instance, and who may do what."""
