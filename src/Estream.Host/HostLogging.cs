using Microsoft.Extensions.Logging.Console;

namespace Estream.Host;

/// <summary>
/// Writes logs to standard output: as text on a terminal, otherwise as one JSON object per line, which journald, Docker and log shippers
/// accept. <c>Logging:Console:FormatterName</c> selects <c>simple</c> or <c>json</c> for both.
/// </summary>
internal static class HostLogging
{
    /// <summary>The key that selects JSON or plain text lines.</summary>
    public const string FormatterKey = "Logging:Console:FormatterName";

    private const string TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    public static void Configure(ILoggingBuilder logging, IConfiguration configuration)
    {
        logging.SetMinimumLevel(LogLevel.Information);
        logging.AddFilter("Microsoft", LogLevel.Warning);
        logging.AddFilter("System", LogLevel.Warning);

        // A start-up error is printed once on standard error; these categories would repeat it with a stack trace.
        logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        logging.AddFilter("Microsoft.AspNetCore.Server.Kestrel", LogLevel.None);
        logging.AddFilter("Microsoft.AspNetCore.Server.Kestrel.Connections", LogLevel.Warning);
        logging.AddJsonConsole(options =>
        {
            options.TimestampFormat = TimestampFormat;
            options.UseUtcTimestamp = true;
        });
        logging.Services.Configure<SimpleConsoleFormatterOptions>(options =>
        {
            options.TimestampFormat = TimestampFormat + " ";
            options.UseUtcTimestamp = true;
            options.SingleLine = true;
        });
        logging.AddConfiguration(configuration.GetSection("Logging"));
        string name = configuration[FormatterKey] is { Length: > 0 } chosen ? chosen
            : Console.IsOutputRedirected ? ConsoleFormatterNames.Json
            : ConsoleFormatterNames.Simple;

        // AddJsonConsole overwrites the configured formatter, so set it afterwards.
        logging.Services.PostConfigure<ConsoleLoggerOptions>(options => options.FormatterName = name);
    }
}
