using Estream.Marketplace.Toml;

namespace Estream.Marketplace.Manifests.Reading;

/// <summary>The list <c>permissions</c>: each one there is, and one that the category may ask for.</summary>
internal static class PermissionList
{
    /// <summary>Reads the list.</summary>
    /// <param name="part">The table <c>[component]</c>.</param>
    /// <param name="category">What the component is; null where that is a mistake already.</param>
    public static IReadOnlyList<ComponentPermission> Read(ManifestPart part, ComponentCategory? category)
    {
        List<ComponentPermission> permissions = [];
        foreach (TomlString text in part.Texts("permissions", "permissions = [\"queue:read.telemetry\"]", most: ManifestLimits.MaxPermissions, mayBeEmpty: true))
        {
            if (part.Parse<ComponentPermission>(text, "permission", ManifestCodes.Permission, ComponentPermission.TryParse) is not { } permission)
            {
                continue;
            }

            if (category is { } known && !permission.Categories.Contains(known))
            {
                part.Report(ManifestCodes.Permission, text.Position, ManifestMessages.PermissionOf(text.Value, PermissionRule.KindsOf(known)));
            }

            permissions.Add(permission);
        }

        return permissions;
    }
}
