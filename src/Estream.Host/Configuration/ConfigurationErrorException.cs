using System.Text;

namespace Estream.Host.Configuration;

/// <summary>
/// Thrown when the configuration has errors. The message is complete and addressed to the operator; the process prints it without a stack
/// trace. The exit code is 2, or 1 for a check of a file that can be read.
/// </summary>
internal sealed class ConfigurationErrorException(string message) : Exception(message)
{
    /// <summary>One line per error.</summary>
    public IReadOnlyList<string> Errors { get; private init; } = [message];

    /// <summary>Whether the file does not exist or cannot be opened, so that nothing was checked.</summary>
    public bool IsUnreadable { get; init; }

    public static ConfigurationErrorException From(SettingErrors errors, string source, IReadOnlyDictionary<string, string> variables)
    {
        StringBuilder text = new();
        text.Append(errors.Count == 1 ? "The configuration has an error" : $"The configuration has {errors.Count} errors").Append(" (")
            .Append(source).Append("):\n");
        List<string> lines =
        [
            .. errors.Items.Select(error =>
                $"{error.Path}{(variables.TryGetValue(error.Path, out string? variable) ? $" (set by {variable})" : "")} {error.Message}"),
        ];
        if (errors.Count > errors.Items.Count)
        {
            lines.Add($"… and {errors.Count - errors.Items.Count} more.");
        }

        foreach (string line in lines)
        {
            text.Append("  ").Append(line).Append('\n');
        }

        text.Append("Nothing was started. All keys: ")
            .Append("https://github.com/polyquantum/estream-io/blob/main/docs/guides/operating/configure.md");
        return new ConfigurationErrorException(text.ToString()) { Errors = lines };
    }
}
