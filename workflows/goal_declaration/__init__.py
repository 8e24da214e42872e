"""Goal declaration (项目支出绩效目标申报, P01): from the unit's form to the approved goal with its number."""
