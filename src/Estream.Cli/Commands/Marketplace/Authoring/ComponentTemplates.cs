using System.Reflection;
using System.Text;

namespace Estream.Cli.Commands.Marketplace;

/// <summary>The component templates embedded in this program (src/Estream.Cli/Templates).</summary>
internal static class ComponentTemplates
{
    // The component name in the templates, replaced by the requested name.
    private const string Placeholder = "@acme/doors";
    private const string Root = "templates/";

    private const string WidgetPrefix = Root + "console-widget/";

    // The file name ending that hides template files, such as projects, from the build of this repository. Write removes the ending.
    private const string Ending = ".template";

    private static readonly Assembly s_assembly = typeof(ComponentTemplates).Assembly;
    private static readonly (string Word, string Name)[] s_short = [("widget", "console-widget")];

    /// <summary>The names of the templates, which are component categories.</summary>
    public static string[] Names { get; } =
        [.. s_assembly.GetManifestResourceNames().Where(name => name.StartsWith(Root, StringComparison.Ordinal))
            .Select(name => name.Split('/')[1]).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>All accepted names: template names and their short forms.</summary>
    public static string[] Words { get; } = [.. Names, .. s_short.Select(one => one.Word)];

    /// <summary>The template names with their short forms, for help texts.</summary>
    public static string Listed { get; } = string.Join(", ",
        Names.Select(name => Array.Find(s_short, one => one.Name == name) is { Word: { } word } ? $"{name} (or {word})" : name));

    /// <summary>Writes a template into a folder that is empty or does not exist.</summary>
    /// <param name="word">One of <see cref="Words"/>.</param>
    /// <param name="name">The name of the component.</param>
    /// <param name="folder">The folder.</param>
    /// <returns>The paths of the written files, relative to the folder.</returns>
    public static IReadOnlyList<string> Write(string word, string name, string folder)
    {
        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
        {
            throw new CliException($"The folder '{folder}' is not empty, and existing files are never overwritten. Choose another folder.");
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

        if (prefix == WidgetPrefix)
        {
            written.Add(WidgetSdk.Write(folder));
        }

        return written;
    }

    // Replaces the component name in all text files.
    private static byte[] Content(string resource, string name)
    {
        using MemoryStream content = new();
        using (Stream stream = s_assembly.GetManifestResourceStream(resource)!)
        {
            stream.CopyTo(content);
        }

        byte[] bytes = content.ToArray();
        return resource.EndsWith(".dll", StringComparison.Ordinal) || resource.EndsWith(".png", StringComparison.Ordinal)
            ? bytes
            : Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(bytes).Replace(Placeholder, name, StringComparison.Ordinal));
    }
}
