"""A stand-in for ``java -jar agent.jar``: a real process with Jenkins' own restart behaviour.

Everything that runs inside the agent process uses the standard library only, since hundreds of
them start at once. ``process`` (which starts and stops them) runs elsewhere.
"""
