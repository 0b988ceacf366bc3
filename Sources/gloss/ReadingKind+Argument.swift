public import ArgumentParser
public import Gloss

extension ReadingKind: ExpressibleByArgument {}
