using Estream.Esf.Schema;
using Estream.Marketplace.Packages;
using Estream.Marketplace.Toml;

namespace Estream.Marketplace.Manifests.Reading;

/// <summary>Collects the files that a manifest refers to, and checks their paths.</summary>
internal sealed class ManifestFiles
{
    private const string Folders = "**";

    private readonly OrderedDictionary<string, ManifestFile> _files = new(StringComparer.Ordinal);

    public IReadOnlyList<ManifestFile> All => _files.Values;

    /// <summary>Adds the file that a key refers to and returns its path; null if there is none.</summary>
    public string? Take(ManifestPart part, string key, string ending, string example, bool isRequired, int maxBytes = 1 << 20) =>
        part.Text(key, example, isRequired) is { } text ? Take(part, text, ending, maxBytes) : null;

    /// <summary>Adds the files of an array and returns their paths.</summary>
    public IReadOnlyList<string> TakeAll(ManifestPart part, string key, string ending, string example, bool isRequired,
        int maxBytes = 1 << 20) =>
        [.. part.Texts(key, example, isRequired).Select(text => Take(part, text, ending, maxBytes)).OfType<string>()];

    /// <summary>Adds a file that the category requires although no key names it.</summary>
    public void Need(string path, SourcePosition position, int maxBytes) => _files.TryAdd(path, new ManifestFile(path, position, maxBytes));

    /// <summary>Returns what is wrong with a path or a path pattern; null if the path or pattern is valid in a package.</summary>
    public static string? Fault(string path, bool isPattern)
    {
        // Checks a pattern with one character in place of each wildcard.
        string tried = isPattern ? path.Replace('*', 'x') : path;
        PackageFault fault = PackagePath.Check(tried);
        return fault != PackageFault.None ? PackageFaults.Explain(fault)
            : PackagePath.KindOf(tried) != PackageEntryKind.Content
                ? "signatures and attestations are added when a release is created. Remove it."
            : isPattern && path.Split('/').Any(segment => segment.Contains(Folders, StringComparison.Ordinal) && segment != Folders)
                ? "** must stand alone between slashes. Use a single * within a name."
            : null;
    }

    private string? Take(ManifestPart part, TomlString text, string ending, int maxBytes)
    {
        string? error = Fault(text.Value, isPattern: false) is { } fault ? ManifestMessages.NoPath(text.Value, fault)
            : !text.Value.EndsWith(ending, StringComparison.Ordinal) ? ManifestMessages.PathEnding(text.Value, ending) : null;
        if (error is not null)
        {
            part.Report(ManifestCodes.Path, text.Position, error);
            return null;
        }

        Need(text.Value, text.Position, maxBytes);
        return text.Value;
    }
}
