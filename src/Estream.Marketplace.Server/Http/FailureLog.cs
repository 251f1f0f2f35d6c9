using Microsoft.Extensions.Logging;

namespace Estream.Marketplace.Server.Http;

/// <summary>The messages of failed requests.</summary>
internal static partial class FailureLog
{
    [LoggerMessage(EventId = 180, Level = LogLevel.Error, Message = "The marketplace request {Path} failed.")]
    public static partial void LogRequestFailed(this ILogger logger, string? path, Exception failure);
}
