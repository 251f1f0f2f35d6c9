namespace Estream.Streams;

/// <summary>
/// What a log was when it was sealed. Kept elsewhere (another machine, paper), it shows later that the log still begins with exactly these
/// messages.
/// </summary>
/// <param name="Position">The position of the seal in the log.</param>
/// <param name="Messages">Messages before it that it covers, earlier seals included.</param>
/// <param name="Digest">SHA-256 of what it covers, chained over all seals before: 64 lower-case hexadecimal digits.</param>
public sealed record LogSeal(long Position, long Messages, string Digest);
