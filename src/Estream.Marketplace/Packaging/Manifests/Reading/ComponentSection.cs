using System.Text.RegularExpressions;
using Estream.Esf.Schema;
using Estream.Marketplace.Toml;

namespace Estream.Marketplace.Manifests.Reading;

/// <summary>Reads what all components have: the table <c>[component]</c> and its tables that belong to no category.</summary>
internal static partial class ComponentSection
{
    private static readonly string[] s_tiers = ["open-source", "source-available", "commercial"];
    private static readonly string[] s_engines = ["host", "console", "sdk"];
    private static readonly string[] s_groups =
        ["schemas", "circuits", "vectors", "examples", "assets", "docs", "sources", IncludePattern.Executable];

    /// <summary>Reads the manifest from the root table. If errors were reported, the manifest may be incomplete and must not be
    /// used.</summary>
    public static ComponentManifest? Read(TomlTable root, ManifestErrors errors)
    {
        ManifestPart top = new(root, "", errors);
        ManifestPart? part = top.Part("component", isRequired: true);
        top.Close();
        if (part is null)
        {
            return null;
        }

        ComponentName? name = part.Parsed<ComponentName>("name", "component name", ManifestCodes.Name, ComponentName.TryParse,
            "name = \"@acme/doors\"", isRequired: true);
        SemanticVersion? version = part.Parsed<SemanticVersion>("version", "version", ManifestCodes.Version, SemanticVersion.TryParse,
            "version = \"1.0.0\"", isRequired: true);
        string? categoryName = part.Word("category", ComponentCategories.Names, "category = \"esf-schema\"", isRequired: true);
        ComponentCategory? category = ComponentCategories.TryParse(categoryName, out ComponentCategory known) ? known : null;
        string? description = part.Display("description", ManifestLimits.MaxDescription,
            "description = \"IoT domain schemas: Telemetry, Command, Alert\"", isRequired: true);
        string? license = License(part);
        string tierName = part.Word("license_tier", s_tiers, "license_tier = \"open-source\"", isRequired: false) ?? s_tiers[0];
        ManifestFiles files = new();
        SchemaSection schemas = SchemaSection.Read(part.Part("schemas"));
        IReadOnlyList<ComponentRequirement> dependencies = DependencySection.Read(part, name, schemas.Packs);
        IReadOnlyList<IncludePattern> include = Include(part.Part("include"));
        IReadOnlyList<ComponentPermission> permissions = PermissionList.Read(part, category);
        CategoryDetails? details =
            CategorySections.Read(part, new CategoryContext(category, files, schemas, dependencies, permissions, include));
        ComponentManifest manifest = new()
        {
            Name = name!,
            Version = version!,
            Category = category ?? default,
            Description = description!,
            License = license!,
            LicenseTier = LicenseTierNames.TryParse(tierName, out LicenseTier tier) ? tier : default,
            Keywords = Keywords(part),
            Author = Author(part.Part("author")),
            Repository = part.Url("repository", "repository = \"https://example.com/acme/doors\""),
            Homepage = part.Url("homepage", "homepage = \"https://example.com/doors\""),
            ProvidedSchemas = schemas.Provides,
            RequiredSchemas = schemas.Requires,
            Dependencies = dependencies,
            Engines = Engines(part.Part("engines"), details as WidgetDetails),
            Permissions = permissions,
            Build = Build(part.Part("build")),
            Details = details,
            Files = files.All,
            Include = include,
        };
        part.Close();
        return manifest;
    }

    private static string? License(ManifestPart part)
    {
        const string Example = "license = \"Apache-2.0\"";
        if (part.Text("license", Example, isRequired: true) is not { } text)
        {
            return null;
        }

        ParseFault? fault = text.Value.Length is 0 or > ManifestLimits.MaxLicense
            ? new ParseFault(0, $"use an SPDX expression of 1 to {ManifestLimits.MaxLicense} characters, such as Apache-2.0")
            : SpdxExpression.Check(text.Value);
        if (fault is null)
        {
            return text.Value;
        }

        part.Report(ManifestCodes.License, text.At(fault.Offset), ManifestMessages.Faulty(text.Value, "license", fault));
        return null;
    }

    private static IReadOnlyList<string> Keywords(ManifestPart part)
    {
        const string Example = "keywords = [\"iot\", \"edge\"]";
        return [.. part.Texts("keywords", Example, most: ManifestLimits.MaxKeywords, mayBeEmpty: true)
            .Select(text => part.Matching(text, Keyword(), "a keyword: lower-case letters, digits and single hyphens, at most 32", Example))
            .OfType<string>()];
    }

    private static ComponentAuthor? Author(ManifestPart? part)
    {
        if (part is null)
        {
            return null;
        }

        string? name = part.Display("name", ManifestLimits.MaxText, "name = \"Acme Doors\"", isRequired: true, isName: true);
        string? email = part.Matching("email", Email(), "an email address", "email = \"doors@example.com\"");
        string? url = part.Url("url", "url = \"https://example.com\"");
        part.Close();
        return name is null ? null : new ComponentAuthor(name, email, url);
    }

    private static List<EngineRequirement> Engines(ManifestPart? part, WidgetDetails? widget)
    {
        List<EngineRequirement> engines = [];
        foreach (string engine in part is null ? [] : s_engines)
        {
            if (part!.Parsed<VersionRange>(engine, "version range", ManifestCodes.Version, VersionRange.TryParse,
                $"{engine} = \">=0.8 <2\"") is { } range)
            {
                engines.Add(new EngineRequirement(engine, range));
            }
        }

        part?.Close();
        if (widget?.ConsoleMinVersion is not { } least)
        {
            return engines;
        }

        if (engines.Exists(engine => engine.Engine == "console"))
        {
            part!.Report(ManifestCodes.Contradiction, part.Position, ManifestMessages.NotBoth("console", "console_min_version"));
        }

        engines.Add(new EngineRequirement("console", VersionRange.Parse($">={least}")));
        return engines;
    }

    private static List<IncludePattern> Include(ManifestPart? part)
    {
        if (part is null)
        {
            return [];
        }

        List<IncludePattern> patterns = [];
        foreach (string group in s_groups)
        {
            foreach (TomlString text in part.Texts(group, $"{group} = [\"{group}/*\"]"))
            {
                if (ManifestFiles.Fault(text.Value, isPattern: true) is { } fault)
                {
                    part.Report(ManifestCodes.Path, text.Position, ManifestMessages.NoPath(text.Value, fault));
                    continue;
                }

                patterns.Add(new IncludePattern(group, text.Value, text.Position));
            }
        }

        part.Close();
        return patterns;
    }

    private static BuildRecipe? Build(ManifestPart? part)
    {
        if (part is null)
        {
            return null;
        }

        string? image = part.Image();
        IReadOnlyList<string> command = part.Command("command = [\"./build.sh\"]", isRequired: true);
        part.Close();
        return image is null ? null : new BuildRecipe(image, command);
    }

    [GeneratedRegex(@"\A[a-z0-9]+(-[a-z0-9]+)*\z(?<=\A.{1,32})", RegexOptions.ExplicitCapture)]
    private static partial Regex Keyword();

    [GeneratedRegex(@"\A[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63}){1,4}\z", RegexOptions.ExplicitCapture)]
    private static partial Regex Email();
}

/// <summary>Reads the list <c>permissions</c>: each permission must exist and be available to the category.</summary>
internal static class PermissionList
{
    /// <summary>Reads the list.</summary>
    /// <param name="part">The table <c>[component]</c>.</param>
    /// <param name="category">The category of the component; null if it is erroneous.</param>
    public static IReadOnlyList<ComponentPermission> Read(ManifestPart part, ComponentCategory? category)
    {
        List<ComponentPermission> permissions = [];
        foreach (TomlString text in part.Texts("permissions", "permissions = [\"queue:read.telemetry\"]",
            most: ManifestLimits.MaxPermissions, mayBeEmpty: true))
        {
            if (part.Parse<ComponentPermission>(text, "permission", ManifestCodes.Permission,
                ComponentPermission.TryParse) is not { } permission)
            {
                continue;
            }

            if (category is { } known && !permission.Categories.Contains(known))
            {
                part.Report(ManifestCodes.Permission, text.Position,
                    ManifestMessages.PermissionOf(text.Value, PermissionRule.KindsOf(known)));
            }

            permissions.Add(permission);
        }

        return permissions;
    }
}
