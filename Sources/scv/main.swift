print("to be filled")
