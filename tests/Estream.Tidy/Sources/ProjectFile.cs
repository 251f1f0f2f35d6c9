using System.Xml.Linq;

namespace Estream.Tidy.Sources;

/// <summary>The relevant parts of a .csproj: its name, its folder, and the projects it refers to.</summary>
internal sealed class ProjectFile
{
    private readonly XDocument _xml;

    public ProjectFile(SourceFile file)
    {
        File = file;
        _xml = XDocument.Parse(file.Text);
        Name = System.IO.Path.GetFileNameWithoutExtension(file.Name);
    }

    public SourceFile File { get; }

    public string Name { get; }

    /// <summary>The first folder of its path: src, tests, bench or samples.</summary>
    public string Area => File.Path.Split('/')[0];

    /// <summary>Whether the project is packed as a library. Tools and templates have no public surface.</summary>
    public bool IsLibraryPackage => IsPackable && !Values("PackAsTool").Any(IsTrue) && !Values("PackageType").Any();

    public bool IsPackable => Values("IsPackable").Any(IsTrue);

    public bool AllowsUnsafe => Values("AllowUnsafeBlocks").Any(IsTrue);

    /// <summary>Paths of the referenced projects, from the root; a build-only reference adds an analyser or a build order, but no
    /// code.</summary>
    public IEnumerable<(string Path, bool IsBuildOnly)> References =>
        from reference in _xml.Descendants("ProjectReference")
        let include = reference.Attribute("Include")?.Value
        where include is not null
        let isBuildOnly = string.Equals(Metadata(reference, "ReferenceOutputAssembly"), "false", StringComparison.OrdinalIgnoreCase)
        select (Resolve(include), isBuildOnly);

    /// <summary>Returns the patterns of an item type's Include or Remove, as written.</summary>
    public IEnumerable<string> Items(string itemType, string attribute)
    {
        return from item in _xml.Descendants(itemType)
               let value = item.Attribute(attribute)?.Value
               where value is not null
               from pattern in value.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
               select pattern.Replace('\\', '/').Replace("$(MSBuildThisFileDirectory)", "", StringComparison.Ordinal);
    }

    /// <summary>Converts a path in this project file to a path from the root.</summary>
    public string Resolve(string relative)
    {
        string root = System.IO.Path.GetFullPath("/");
        string full = System.IO.Path.GetFullPath(System.IO.Path.Combine(root, File.Folder, relative.Replace('\\', '/')));
        return full[root.Length..].Replace('\\', '/');
    }

    private static string? Metadata(XElement item, string name)
    {
        return item.Attribute(name)?.Value ?? item.Element(name)?.Value;
    }

    private static bool IsTrue(string value)
    {
        return string.Equals(value, "true", StringComparison.OrdinalIgnoreCase);
    }

    private IEnumerable<string> Values(string property)
    {
        return _xml.Descendants(property).Select(element => element.Value.Trim());
    }
}
