using System.Reflection;
using System.Text;

namespace Estream.Cli.Commands.Marketplace;

/// <summary>Components to begin with, which this program carries (src/Estream.Cli/Templates).</summary>
internal static class ComponentTemplates
{
    // What they are called there, and what stands for the name that is asked for.
    private const string Placeholder = "@acme/doors";
    private const string Root = "templates/";

    // A file that would be one of this repository where it lies, such as a project: it is written without this ending.
    private const string Ending = ".template";

    private static readonly Assembly s_assembly = typeof(ComponentTemplates).Assembly;
    private static readonly (string Word, string Name)[] s_short = [("widget", "console-widget")];

    /// <summary>Their names, which are those of categories.</summary>
    public static string[] Names { get; } =
        [.. s_assembly.GetManifestResourceNames().Where(name => name.StartsWith(Root, StringComparison.Ordinal))
            .Select(name => name.Split('/')[1]).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>All words that one is asked for with: names, and shorter ones.</summary>
    public static string[] Words { get; } = [.. Names, .. s_short.Select(one => one.Word)];

    /// <summary>The names for people, with the shorter ones.</summary>
    public static string Listed { get; } = string.Join(", ",
        Names.Select(name => Array.Find(s_short, one => one.Name == name) is { Word: { } word } ? $"{name} (or {word})" : name));

    /// <summary>Writes one into a folder that is empty or not there.</summary>
    /// <param name="word">One of <see cref="Words"/>.</param>
    /// <param name="name">What the component is to be called.</param>
    /// <param name="folder">The folder.</param>
    /// <returns>The files, by their paths from that folder.</returns>
    public static IReadOnlyList<string> Write(string word, string name, string folder)
    {
        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
        {
            throw new CliException($"the folder '{folder}' has something in it, and nothing is written over. Choose another");
        }

        List<string> written = [];
        string prefix = $"{Root}{Array.Find(s_short, one => one.Word == word).Name ?? word}/";
        foreach (string resource in s_assembly.GetManifestResourceNames().Where(one => one.StartsWith(prefix, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal))
        {
            string path = resource[prefix.Length..];
            path = path.EndsWith(Ending, StringComparison.Ordinal) ? path[..^Ending.Length] : path;
            string file = Path.Combine(folder, path);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllBytes(file, Content(resource, name));
            written.Add(path);
        }

        return written;
    }

    // In what a compiler has made nothing is changed.
    private static byte[] Content(string resource, string name)
    {
        using MemoryStream content = new();
        using (Stream stream = s_assembly.GetManifestResourceStream(resource)!)
        {
            stream.CopyTo(content);
        }

        byte[] bytes = content.ToArray();
        return resource.EndsWith(".dll", StringComparison.Ordinal)
            ? bytes
            : Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(bytes).Replace(Placeholder, name, StringComparison.Ordinal));
    }
}
