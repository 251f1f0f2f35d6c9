using Estream.Esf.Schema;
using Estream.Marketplace.Toml;

namespace Estream.Marketplace.Manifests.Reading;

/// <summary>Reads the table <c>[component.dependencies]</c>: components by name, each with its accepted versions.</summary>
internal static class DependencySection
{
    /// <summary>Reads the table.</summary>
    /// <param name="component">The table <c>[component]</c>.</param>
    /// <param name="self">The name of the component; null if it is erroneous.</param>
    /// <param name="packs">The packs that are required by name, which are dependencies too.</param>
    public static IReadOnlyList<ComponentRequirement> Read(ManifestPart component, ComponentName? self,
        IReadOnlyList<(ComponentRequirement Pack, SourcePosition Position)> packs)
    {
        ManifestPart? part = component.Part("dependencies");
        List<ComponentRequirement> dependencies = [];
        foreach (TomlEntry entry in part?.Table.Entries ?? [])
        {
            if (ReadOne(part!, entry, self) is { } dependency)
            {
                dependencies.Add(dependency);
            }
        }

        foreach ((ComponentRequirement pack, SourcePosition position) in packs)
        {
            if (pack.Name == self)
            {
                component.Report(ManifestCodes.Contradiction, position, ManifestMessages.Itself());
            }
            else if (dependencies.Exists(known => known.Name == pack.Name))
            {
                component.Report(ManifestCodes.Contradiction, position, ManifestMessages.PackAndDependency(pack.Name.ToString()));
            }
            else
            {
                dependencies.Add(pack);
            }
        }

        if (dependencies.Count > ManifestLimits.MaxDependencies)
        {
            component.Report(ManifestCodes.Limit, (part ?? component).Position,
                ManifestMessages.TooMany("dependencies", ManifestLimits.MaxDependencies));
        }

        return dependencies;
    }

    private static ComponentRequirement? ReadOne(ManifestPart part, TomlEntry entry, ComponentName? self)
    {
        if (!ComponentName.TryParse(entry.Key, out ComponentName? name, out ParseFault? fault))
        {
            part.Report(ManifestCodes.Name, entry.KeyPosition, ManifestMessages.Faulty(entry.Key, "component name", fault));
        }
        else if (name == self)
        {
            part.Report(ManifestCodes.Contradiction, entry.KeyPosition, ManifestMessages.Itself());
        }

        if (entry.Value is not TomlString text)
        {
            part.Report(ManifestCodes.WrongKind, entry.Value.Position,
                ManifestMessages.WrongKind(entry.Key, "a string", entry.Value.Kind, $"\"{TomlMessages.Shorten(entry.Key)}\" = \"^1.0\""));
            return null;
        }

        VersionRange? range = part.Parse<VersionRange>(text, "version range", ManifestCodes.Version, VersionRange.TryParse);
        return name is null || range is null ? null : new ComponentRequirement(name, range);
    }
}
