using Estream.Circuits;
using Estream.Core;
using Estream.Esf;
using Estream.Marketplace.Attestations;
using Estream.Marketplace.Manifests;
using Estream.Marketplace.Packages;

namespace Estream.Marketplace.Publishing;

/// <summary>Makes the package of a component with what is attested of it: how it was built, and that its golden vectors pass. The same
/// bytes for the same folder and tool. Thread-safe.</summary>
public static class ComponentPacker
{
    /// <summary>Packs a folder that was read without mistakes.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="build">How it is built.</param>
    /// <param name="known">Schemas of other components that its circuits use.</param>
    /// <param name="bind">Gives a circuit the code it is bound to, with the folder it lies in; null where no circuit has any.</param>
    /// <exception cref="ArgumentException">The folder has mistakes.</exception>
    /// <exception cref="EstreamFormatException">A circuit, or a file of vectors, has mistakes.</exception>
    /// <exception cref="InvalidOperationException">A circuit is bound to code that was not given.</exception>
    public static PackedComponent Pack(ComponentFolder folder, BuildRecord build, EsfSchemaSet known,
        Func<Circuit, string, Circuit>? bind = null)
    {
        ArgumentNullException.ThrowIfNull(folder);
        return folder is { Manifest: { } manifest, Package: { } package }
            ? Pack(manifest, package, build, known, bind)
            : throw new ArgumentException($"The folder '{folder.Path}' has mistakes, and nothing is packed of it.", nameof(folder));
    }

    /// <summary>Attests a package that has no attestations.</summary>
    /// <param name="manifest">What its manifest says.</param>
    /// <param name="package">The package.</param>
    /// <param name="build">How it is built.</param>
    /// <param name="known">Schemas of other components that its circuits use.</param>
    /// <param name="bind">Gives a circuit the code it is bound to, with the folder it lies in; null where no circuit has any.</param>
    /// <exception cref="EstreamFormatException">A circuit, or a file of vectors, has mistakes.</exception>
    /// <exception cref="InvalidOperationException">A circuit is bound to code that was not given.</exception>
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

/// <summary>A component that was packed. Immutable.</summary>
/// <param name="Package">The package with its attestations, which nobody has signed yet.</param>
/// <param name="Vectors">What came of its golden vectors.</param>
/// <param name="NotRun">Files of vectors that the manifest names and that belong to no circuit: <c>a.vectors.json</c> is run with
/// <c>a.circuit.yaml</c> beside it.</param>
public sealed record PackedComponent(Package Package, VectorRun Vectors, IReadOnlyList<string> NotRun)
{
    /// <summary>Whether it may be released: every file of vectors was run, and all passed.</summary>
    public bool IsReady => NotRun.Count == 0 && (Vectors.Files.Count == 0 || Vectors.HasPassed);
}
