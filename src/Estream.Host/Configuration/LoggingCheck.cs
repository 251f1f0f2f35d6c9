using Microsoft.Extensions.Configuration;

namespace Estream.Host.Configuration;

/// <summary>The levels below <c>Logging</c>: a misspelt one would end the process where the first logger is made.</summary>
internal static class LoggingCheck
{
    private const string Levels = "LogLevel";

    private static readonly ChoiceShape s_level = new(Enum.GetNames<LogLevel>());

    public static void Run(IConfiguration configuration, SettingErrors errors)
    {
        IConfigurationSection logging = configuration.GetSection("Logging");
        foreach (IConfigurationSection level in logging.GetChildren()
            .Select(provider => provider.GetSection(Levels)).Prepend(logging.GetSection(Levels)).SelectMany(levels => levels.GetChildren()))
        {
            // As the logging itself reads it: in any case, and nothing for nothing.
            if (level.Value is not "" && !Enum.TryParse<LogLevel>(level.Value, ignoreCase: true, out _))
            {
                s_level.Check(level, errors);
            }
        }
    }
}
