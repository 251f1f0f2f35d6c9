using Estream.Marketplace.Workspaces;
using Estream.Wire;

namespace Estream.Host.Components;

/// <summary>
/// The list <c>Components:RevokedFile</c> of components that the host must not load. Each line has a component (<c>@acme/adapter</c>), a
/// version (<c>@acme/adapter@1.2.0</c>), the id of a signing key, or the root of a package. Lines that start with <c>#</c> are comments.
/// </summary>
internal static class RevokedComponents
{
    /// <summary>The maximum size of the list.</summary>
    public const long MaxBytes = 1 << 20;

    /// <summary>Throws if a component is on the list. Reads the list on each call.</summary>
    /// <param name="file">The list.</param>
    /// <param name="locked">The installed component.</param>
    /// <param name="key">The setting that names the component, for error messages.</param>
    /// <exception cref="WireConfigurationException">The component is on the list, or the list cannot be read.</exception>
    public static void RequireNot(string file, LockedComponent locked, string key)
    {
        string[] names =
        [
            locked.Name.ToString(), $"{locked.Name}@{locked.Version}", locked.Root256,
            // Each key of a release that several owners signed.
            .. locked.KeyId.Split(','),
        ];
        string? found = Read(file, key).FirstOrDefault(line => names.Contains(line, StringComparer.OrdinalIgnoreCase));
        if (found is not null)
        {
            throw new WireConfigurationException(
                key, $"{locked} is revoked: '{file}' lists {found}. None of its files was loaded. Install another version, or remove it.");
        }
    }

    private static IEnumerable<string> Read(string file, string key)
    {
        try
        {
            return new FileInfo(file).Length <= MaxBytes
                ? File.ReadAllLines(file).Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#')
                : throw new WireConfigurationException(key, $"'{file}' is longer than {MaxBytes} bytes. Remove components that are not "
                    + "installed.");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new WireConfigurationException(
                key, $"The list of revoked components '{file}' cannot be read, so no component is loaded: {failure.Message}", failure);
        }
    }
}
