using Estream.Core;
using Estream.Esf.Schema;
using Estream.Marketplace.Governance;
using Estream.Marketplace.Manifests;
using Estream.Marketplace.Names;
using Estream.Marketplace.Packages;

namespace Estream.Marketplace.Publishing;

/// <summary>The source folder of a component: its manifest, all its errors, and the package built from it. An immutable copy of the folder
/// at the time of reading.</summary>
public sealed class ComponentFolder
{
    private static readonly SourcePosition s_start = new(1, 1);

    private ComponentFolder(string path, ComponentManifest? manifest, Package? package, IReadOnlyList<SchemaDiagnostic> errors,
        IReadOnlyList<FolderProblem> problems) =>
        (Path, Manifest, Package, Errors, Problems) = (path, manifest, package, errors, problems);

    /// <summary>The path of the folder.</summary>
    public string Path { get; }

    /// <summary>The manifest; null if it has errors.</summary>
    public ComponentManifest? Manifest { get; }

    /// <summary>The package without attestations and signature; null if there is any error or problem.</summary>
    public Package? Package { get; }

    /// <summary>The errors with line and column. If the manifest has errors, only those; otherwise, missing or invalid files that the
    /// manifest names, hidden characters in files, and errors in what the console shows of a widget or theme.</summary>
    public IReadOnlyList<SchemaDiagnostic> Errors { get; }

    /// <summary>The files in the folder that a package cannot contain.</summary>
    public IReadOnlyList<FolderProblem> Problems { get; }

    /// <summary>Reads a folder. Uses as much memory as its files have bytes.</summary>
    /// <param name="path">The folder with the manifest.</param>
    /// <exception cref="EstreamStorageException">The folder or a file in it cannot be read.</exception>
    public static ComponentFolder Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string file = System.IO.Path.Combine(path, ComponentManifest.FileName);
        byte[]? bytes = FileFailure.Guard(path, "read the manifest", () => ReadManifest(file));
        if (bytes is null)
        {
            return Refused(path,
                [new SchemaDiagnostic(ManifestCodes.File, file, s_start,
                    "does not exist, and every component needs it. Create it with 'estream marketplace scaffold'.")]);
        }

        ManifestReadResult read = ManifestReader.Read(bytes, file);
        if (read.Manifest is not { } manifest)
        {
            return Refused(path, read.Diagnostics);
        }

        PackageBuildResult built = PackageBuilder.Build(path, SelectionOf(manifest));
        List<SchemaDiagnostic> missing = [.. Missing(path, file, manifest), .. Hidden(path, built.Package),
            .. built.Package is { } package ? WidgetPackageCheck.Find(manifest, package).Select(error => In(path, error)) : []];
        return new ComponentFolder(path, manifest, missing.Count == 0 ? built.Package : null, missing, built.Problems);
    }

    /// <summary>Returns the selection of files that the manifest includes in the package.</summary>
    /// <param name="manifest">The manifest.</param>
    public static PackageSelection SelectionOf(ComponentManifest manifest)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        return new PackageSelection(manifest.Includes, manifest.IsExecutable);
    }

    // Reads at most one byte more than permitted, so that the manifest reader reports a file that is too large.
    private static byte[]? ReadManifest(string file)
    {
        if (!File.Exists(file))
        {
            return null;
        }

        FileKinds.ThrowIfSpecial(file);
        using FileStream stream = File.OpenRead(file);
        byte[] bytes = new byte[Math.Min(stream.Length, ManifestLimits.MaxBytes + 1)];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private static ComponentFolder Refused(string path, IReadOnlyList<SchemaDiagnostic> errors) => new(path, null, null, errors, []);

    private static SchemaDiagnostic In(string path, SchemaDiagnostic error) =>
        new(error.Code, System.IO.Path.Combine(path, error.File), error.Position, error.Message);

    private static IEnumerable<SchemaDiagnostic> Hidden(string path, Package? package) =>
        from file in package?.Files ?? []
        from found in HiddenText.Find(file.Path, file.Content.Span)
        select new SchemaDiagnostic(
            ManifestCodes.Hidden, System.IO.Path.Combine(path, file.Path), new SourcePosition(found.Line, found.Column),
            $"{found.What}, is invisible to readers of the file. Remove it, or write it as an escape sequence.");

    private static IEnumerable<SchemaDiagnostic> Missing(string path, string file, ComponentManifest manifest)
    {
        foreach (ManifestFile named in manifest.Files)
        {
            FileInfo there = new(System.IO.Path.Combine(path, named.Path));
            string? wrong = !there.Exists ? $"'{named.Path}' does not exist. Create it, or name another file."
                : there.Length == 0 ? $"'{named.Path}' is empty. Add its content, or remove the key."
                : there.Length > named.MaxBytes
                    ? $"'{named.Path}' has {there.Length} bytes, and the limit is {named.MaxBytes}. Make it shorter."
                : null;
            if (wrong is not null)
            {
                yield return new SchemaDiagnostic(ManifestCodes.File, file, named.Position, wrong);
            }
        }

        string[] files = [.. Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories)
            .Select(one => System.IO.Path.GetRelativePath(path, one).Replace('\\', '/'))];
        foreach (IncludePattern pattern in manifest.Include.Where(pattern => !files.Any(pattern.Matches)))
        {
            yield return new SchemaDiagnostic(ManifestCodes.File, file, pattern.Position,
                $"no file matches '{pattern}'. Correct the pattern, or remove it.");
        }
    }
}
