"""What must be sent, kept until it is: texts, mails and web hooks, each in order and as good as once."""
