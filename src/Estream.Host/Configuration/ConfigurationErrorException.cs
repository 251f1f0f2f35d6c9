using System.Text;

namespace Estream.Host.Configuration;

/// <summary>
/// Thrown when the configuration has errors. The message is complete and addressed to the operator; the process prints it without a stack
/// trace and exits with code 2.
/// </summary>
internal sealed class ConfigurationErrorException(string message) : Exception(message)
{
    public static ConfigurationErrorException From(SettingErrors errors, string source, IReadOnlyDictionary<string, string> variables)
    {
        StringBuilder text = new();
        text.Append(errors.Count == 1 ? "The configuration has an error" : $"The configuration has {errors.Count} errors").Append(" (")
            .Append(source).Append("):\n");
        foreach ((string path, string message) in errors.Items)
        {
            text.Append("  ").Append(path);
            if (variables.TryGetValue(path, out string? variable))
            {
                text.Append(" (set by ").Append(variable).Append(')');
            }

            text.Append(' ').Append(message).Append('\n');
        }

        if (errors.Count > errors.Items.Count)
        {
            text.Append("  … and ").Append(errors.Count - errors.Items.Count).Append(" more.\n");
        }

        text.Append("Nothing was started. docs/guides/operating/configure.md lists every key.");
        return new ConfigurationErrorException(text.ToString());
    }
}
