using Microsoft.Extensions.Logging.Console;

namespace Estream.Host;

/// <summary>
/// Logs go to standard output as one JSON object per line, which journald, Docker and every log shipper take as
/// they are; <c>Logging:Console:FormatterName</c> = <c>simple</c> switches to lines for people.
/// </summary>
internal static class HostLogging
{
    /// <summary>The key that chooses between lines for programs and lines for people.</summary>
    public const string FormatterKey = "Logging:Console:FormatterName";

    private const string TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    public static void Configure(ILoggingBuilder logging, IConfiguration configuration)
    {
        logging.SetMinimumLevel(LogLevel.Information);
        logging.AddFilter("Microsoft", LogLevel.Warning);
        logging.AddFilter("System", LogLevel.Warning);

        // What keeps the host from starting is one message on standard error; these would add the same with a stack trace.
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
        if (configuration[FormatterKey] is { Length: > 0 } name)
        {
            // The console sets the formatter it was added with after it has read the configuration.
            logging.Services.PostConfigure<ConsoleLoggerOptions>(options => options.FormatterName = name);
        }
    }
}
