using System.Reflection;
using System.Text;

namespace Estream.Cli.Commands.Marketplace;

/// <summary>Components to begin with, which this program carries (src/Estream.Cli/Templates).</summary>
internal static class ComponentTemplates
{
    // What they are called there, and what stands for the name that is asked for.
    private const string Placeholder = "@acme/doors";
    private const string Root = "templates/";

    private static readonly Assembly s_assembly = typeof(ComponentTemplates).Assembly;

    /// <summary>Their names, which are those of categories.</summary>
    public static string[] Names { get; } =
        [.. s_assembly.GetManifestResourceNames().Where(name => name.StartsWith(Root, StringComparison.Ordinal)).Select(name => name.Split('/')[1]).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>Writes one into a folder that is empty or not there.</summary>
    /// <returns>The files, by their paths from that folder.</returns>
    public static IReadOnlyList<string> Write(string template, string name, string folder)
    {
        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
        {
            throw new CliException($"the folder '{folder}' has something in it, and nothing is written over. Choose another");
        }

        List<string> written = [];
        string prefix = $"{Root}{template}/";
        foreach (string resource in s_assembly.GetManifestResourceNames().Where(one => one.StartsWith(prefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            string path = resource[prefix.Length..], file = Path.Combine(folder, path);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            using StreamReader reader = new(s_assembly.GetManifestResourceStream(resource)!, Encoding.UTF8);
            File.WriteAllText(file, reader.ReadToEnd().Replace(Placeholder, name, StringComparison.Ordinal));
            written.Add(path);
        }

        return written;
    }
}
