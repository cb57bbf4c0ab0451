"""What comes in: lists, registers, single reports, bills; read, checked, answered with a receipt."""
