print("procession")
