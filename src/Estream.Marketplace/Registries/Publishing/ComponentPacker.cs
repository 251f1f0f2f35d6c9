using Estream.Circuits;
using Estream.Core;
using Estream.Esf;
using Estream.Marketplace.Attestations;
using Estream.Marketplace.Manifests;
using Estream.Marketplace.Packages;

namespace Estream.Marketplace.Publishing;

/// <summary>Packs a component and adds its attestations: how it was built, and that its golden vectors pass. Reproducible: the same folder
/// and tool give the same bytes. Thread-safe.</summary>
public static class ComponentPacker
{
    /// <summary>Packs a folder that has no errors.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="build">The record of the build.</param>
    /// <param name="known">The schemas of other components that its circuits use.</param>
    /// <param name="bind">Binds a circuit to its code, given the circuit's folder; null if no circuit needs code.</param>
    /// <exception cref="ArgumentException">The folder has errors.</exception>
    /// <exception cref="EstreamFormatException">A circuit or a vectors file has errors.</exception>
    /// <exception cref="InvalidOperationException">A circuit needs code that was not given.</exception>
    public static PackedComponent Pack(ComponentFolder folder, BuildRecord build, EsfSchemaSet known,
        Func<Circuit, string, Circuit>? bind = null)
    {
        ArgumentNullException.ThrowIfNull(folder);
        return folder is { Manifest: { } manifest, Package: { } package }
            ? Pack(manifest, package, build, known, bind)
            : throw new ArgumentException($"The folder '{folder.Path}' has errors and cannot be packed.", nameof(folder));
    }

    /// <summary>Adds attestations to a package that has none.</summary>
    /// <param name="manifest">The manifest of the package.</param>
    /// <param name="package">The package.</param>
    /// <param name="build">The record of the build.</param>
    /// <param name="known">The schemas of other components that its circuits use.</param>
    /// <param name="bind">Binds a circuit to its code, given the circuit's folder; null if no circuit needs code.</param>
    /// <exception cref="EstreamFormatException">A circuit or a vectors file has errors.</exception>
    /// <exception cref="InvalidOperationException">A circuit needs code that was not given.</exception>
    public static PackedComponent Pack(ComponentManifest manifest, Package package, BuildRecord build, EsfSchemaSet known,
        Func<Circuit, string, Circuit>? bind = null)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        ArgumentNullException.ThrowIfNull(package);
        VectorRun run = PackageVectors.Run(package, known, bind);
        string name = $"{manifest.Name}@{manifest.Version}";
        Package attested = package.With(AttestationWriter.BuildPath, AttestationWriter.WriteBuild(package.Identity, name, build));
        attested = run.Files.Count == 0
            ? attested
            : attested.With(AttestationWriter.VectorsPath, AttestationWriter.WriteVectors(package.Identity, name, run));
        IReadOnlyList<string> left = [.. Named(manifest).Except(run.Files.Select(file => file.Path), StringComparer.Ordinal)];
        return new PackedComponent(attested, run, left);
    }

    private static IReadOnlyList<string> Named(ComponentManifest manifest) => manifest.Details switch
    {
        CircuitDetails circuit => circuit.Vectors,
        FpgaDetails card => card.Vectors,
        _ => [],
    };
}

/// <summary>A packed component. Immutable.</summary>
/// <param name="Package">The package with its attestations, not yet signed.</param>
/// <param name="Vectors">The results of its golden vectors.</param>
/// <param name="NotRun">The vectors files that the manifest names but that belong to no circuit: <c>a.vectors.json</c> is run with
/// <c>a.circuit.yaml</c> in the same folder.</param>
public sealed record PackedComponent(Package Package, VectorRun Vectors, IReadOnlyList<string> NotRun)
{
    /// <summary>Whether the component may be released: every vectors file was run and passed.</summary>
    public bool IsReady => NotRun.Count == 0 && (Vectors.Files.Count == 0 || Vectors.HasPassed);
}
