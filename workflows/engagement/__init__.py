"""第三方委托 (P13): third parties are procured, engaged, assessed, and have a credit record."""
