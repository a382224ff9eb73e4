"""Return flow (数据回流): a department of a lower division gets what an upper level collected from its area, without
new conditions (Decree 24)."""
