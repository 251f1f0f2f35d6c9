using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Console;

namespace Estream.Host.Configuration;

/// <summary>
/// Checks levels and formatter in the section <c>Logging</c>. A misspelled level would end the process when the first logger is created,
/// and a misspelled formatter would silently be replaced by another one.
/// </summary>
internal static class LoggingCheck
{
    private const string Levels = "LogLevel";

    private static readonly ChoiceSchema s_level = new(Enum.GetNames<LogLevel>());
    private static readonly ChoiceSchema s_formatter =
        new(ConsoleFormatterNames.Json, ConsoleFormatterNames.Simple, ConsoleFormatterNames.Systemd);

    public static void Run(IConfiguration configuration, SettingErrors errors)
    {
        IConfigurationSection formatter = configuration.GetSection(HostLogging.FormatterKey);
        if (formatter.Value is not "")
        {
            s_formatter.Check(formatter, errors);
        }

        IConfigurationSection logging = configuration.GetSection("Logging");
        foreach (IConfigurationSection level in logging.GetChildren()
            .Select(provider => provider.GetSection(Levels)).Prepend(logging.GetSection(Levels)).SelectMany(levels => levels.GetChildren()))
        {
            // The logging framework ignores case and empty values.
            if (level.Value is not "" && !Enum.TryParse<LogLevel>(level.Value, ignoreCase: true, out _))
            {
                s_level.Check(level, errors);
            }
        }
    }
}
