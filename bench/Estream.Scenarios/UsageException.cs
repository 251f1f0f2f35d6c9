namespace Estream.Scenarios;

/// <summary>The command line cannot be followed; the program prints the message and the usage and ends with 2.</summary>
internal sealed class UsageException(string message) : Exception(message);
