using System.Globalization;
using Estream.Core;
using Estream.Marketplace.Attestations;
using Estream.Marketplace.Manifests;
using Estream.Marketplace.Names;
using Estream.Marketplace.Packages;

namespace Estream.Marketplace.Governance;

/// <summary>The checks that need only a package: its files, its golden vectors, its build attestation. Does not trust results stated in the
/// package: everything that can be run is run again.</summary>
internal static class PackageChecks
{
    public static CheckFinding Files(ComponentManifest manifest, Package package)
    {
        List<string> wrong = [];
        foreach (ManifestFile named in manifest.Files)
        {
            string? fault = !package.TryGet(named.Path, out PackageFile? file) ? "is not in the package"
                : file.Content.Length == 0 ? "is empty"
                : file.Content.Length > named.MaxBytes
                    ? string.Create(CultureInfo.InvariantCulture, $"has {file.Content.Length} bytes, and the limit is {named.MaxBytes}")
                : null;
            wrong.AddRange(fault is null ? [] : [$"'{named.Path}' {fault}"]);
        }

        foreach (PackageFile file in package.Files.Where(file => PackagePath.KindOf(file.Path) == PackageEntryKind.Content))
        {
            string? fault = !manifest.Includes(file.Path) ? "is in the package, but the manifest does not name it"
                : Hidden(file);
            wrong.AddRange(fault is null ? [] : [$"'{file.Path}': {fault}"]);
        }

        // WidgetCheck reports these errors for a widget.
        if (manifest.Details is not WidgetDetails)
        {
            wrong.AddRange(WidgetPackageCheck.Find(manifest, package).Select(error => error.ToString()));
        }

        return wrong.Count == 0 ? new CheckFinding(ReleaseChecks.Files, CheckOutcome.Passed, "") : Failed(ReleaseChecks.Files, wrong);
    }

    public static CheckFinding Vectors(ComponentManifest manifest, Package package, PublishOptions options)
    {
        try
        {
            VectorRun run = PackageVectors.Run(package, options.Known, options.Bind);
            string[] left = [.. Named(manifest).Except(run.Files.Select(file => file.Path), StringComparer.Ordinal)];
            string[] failed = [.. run.Files.SelectMany(file => file.Vectors.Count == 0
                ? [$"{file.Path} has no vectors"] : file.Vectors.Where(vector => vector.Differences.Count > 0)
                    .Select(vector => $"{file.Path}: {vector.Name}"))];
            return failed.Length > 0 ? Failed(ReleaseChecks.Vectors, failed)
                : left.Length > 0
                    ? new CheckFinding(ReleaseChecks.Vectors, CheckOutcome.NotRun,
                        $"{string.Join(", ", left)} cannot be run: NAME.vectors.json needs NAME.circuit.yaml in the same folder")
                : new CheckFinding(ReleaseChecks.Vectors, CheckOutcome.Passed, "");
        }
        catch (Exception lacking) when (lacking is InvalidOperationException or EstreamException or ArgumentException)
        {
            return new CheckFinding(ReleaseChecks.Vectors, CheckOutcome.Error, lacking.Message);
        }
    }

    public static CheckFinding Build(Package package)
    {
        if (!package.TryGet(AttestationWriter.BuildPath, out PackageFile? file))
        {
            return Failed(ReleaseChecks.Build,
                [$"the package has no {AttestationWriter.BuildPath}: pack it with 'estream marketplace pack'"]);
        }

        PackageAttestationFault fault =
            AttestationReader.Read(file.Content, package.Identity, package.Entries, out PackageAttestation? attestation);
        return fault != PackageAttestationFault.None
            ? Failed(ReleaseChecks.Build, [$"{file.Path} does not attest these files ({fault}): pack it again"])
            : attestation!.PredicateType != AttestationWriter.BuildType
                ? Failed(ReleaseChecks.Build, [$"{file.Path} is not a build attestation"])
            : new CheckFinding(ReleaseChecks.Build, CheckOutcome.Passed, "");
    }

    // Uses the same search as 'estream marketplace lint', so that a package that passed there passes here.
    private static string? Hidden(PackageFile file) => HiddenText.Find(file.Path, file.Content.Span) is [HiddenCharacter first, ..]
        ? string.Create(CultureInfo.InvariantCulture,
            $"line {first.Line}, column {first.Column} has {first.What}, which is invisible to readers of the file")
        : null;

    private static CheckFinding Failed(string check, IReadOnlyList<string> wrong) =>
        new(check, CheckOutcome.Failed,
            string.Join("; ", wrong.Take(5))
                + (wrong.Count > 5 ? string.Create(CultureInfo.InvariantCulture, $"; and {wrong.Count - 5} more") : ""));

    private static IReadOnlyList<string> Named(ComponentManifest manifest) => manifest.Details switch
    {
        CircuitDetails circuit => circuit.Vectors,
        FpgaDetails card => card.Vectors,
        _ => [],
    };
}
