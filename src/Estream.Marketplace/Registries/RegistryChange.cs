using Estream.Esf.Schema;

namespace Estream.Marketplace.Registries;

/// <summary>A change of an index by the rules of publishing, which are the same for every kind of registry.</summary>
/// <param name="Index">The index after the change.</param>
/// <param name="Outcome">Whether there is anything to write.</param>
internal readonly record struct RegistryChange(ReleaseIndex Index, PublishOutcome Outcome)
{
    /// <exception cref="EstreamRegistryException">The version exists with a different package.</exception>
    /// <exception cref="ArgumentException">The package does not match the release, or the bundle is empty or too large.</exception>
    public static RegistryChange Publish(ReleaseIndex index, RegistryPublication publication, string location)
    {
        RegistryRelease release = publication.Release;
        if (!release.IsPackage(publication.Package.Span))
        {
            throw new ArgumentException($"The package does not have the length and the digest of {release}.", nameof(publication));
        }

        RequireBundle(publication.Bundle, nameof(publication));
        if (index.Find(release.Version) is not { } there)
        {
            return new RegistryChange(index.With(release), PublishOutcome.Published);
        }

        // Compare the root, which identifies the files. Packing, yanks and deprecations may differ.
        return there.Root256 == release.Root256
            ? new RegistryChange(index, PublishOutcome.Unchanged)
            : throw new EstreamRegistryException(
                RegistryFault.AlreadyPublished,
                $"{release} is already in the registry {location}, with other files (root {there.Root256}). A published version never "
                + "changes. Publish a new version.", location);
    }

    /// <exception cref="EstreamRegistryException">The version does not exist.</exception>
    public static RegistryChange Mark(ReleaseIndex index, SemanticVersion version, Func<RegistryRelease, RegistryRelease> mark,
        string location)
    {
        RegistryRelease there = Require(index, version, location);
        RegistryRelease marked = mark(there);
        return new RegistryChange(index.With(marked), marked == there ? PublishOutcome.Unchanged : PublishOutcome.Published);
    }

    /// <summary>Checks that each bundle is of an existing release and has a valid size.</summary>
    /// <exception cref="EstreamRegistryException">A version does not exist.</exception>
    public static void RequireBundles(ReleaseIndex index, IReadOnlyList<RegistryBundle> bundles, string location)
    {
        foreach (RegistryBundle bundle in bundles)
        {
            _ = Require(index, bundle.Version, location);
            RequireBundle(bundle.Content, nameof(bundles));
        }
    }

    public static Func<RegistryRelease, RegistryRelease> Yank(string? reason) => release =>
        release with { YankReason = RequireReason(reason) };

    public static Func<RegistryRelease, RegistryRelease> Deprecate(string? message) => release =>
        release with { Deprecation = RequireReason(message) };

    private static RegistryRelease Require(ReleaseIndex index, SemanticVersion version, string location) => index.Find(version)
        ?? throw new EstreamRegistryException(RegistryFault.NotFound,
            $"{index.Name} {version} is not in the registry {location}. Check name and version.", location);

    private static void RequireBundle(ReadOnlyMemory<byte> bundle, string parameter)
    {
        if (bundle.Length is 0 or > RegistryLimits.MaxBundleBytes)
        {
            throw new ArgumentException($"A bundle must have 1 to {RegistryLimits.MaxBundleBytes} bytes; this one has {bundle.Length}.",
                parameter);
        }
    }

    private static string? RequireReason(string? reason) =>
        reason is null || (reason.Length is > 0 and <= RegistryRelease.MaxReasonLength && !reason.Any(char.IsControl)) ? reason
        : throw new ArgumentException($"The reason must have 1 to {RegistryRelease.MaxReasonLength} characters and no control characters.",
            nameof(reason));
}
