using Estream.Core;

namespace Estream.Wire.Mqtt.Internal;

/// <summary>Reads the lines of a file that a setting names, such as a password or access file.</summary>
internal static class ConfiguredLines
{
    /// <summary>The maximum file size in bytes: enough for a million users.</summary>
    public const long MaxBytes = 256L << 20;

    /// <param name="key">The setting to name in errors.</param>
    /// <param name="path">The path of the file.</param>
    /// <param name="isSecret">Whether only the owner of the file may have access.</param>
    /// <exception cref="WireConfigurationException">The file cannot be read, is a special file, is larger than <see cref="MaxBytes"/>, or
    /// is secret and others than its owner have access.</exception>
    public static string[] Read(string key, string path, bool isSecret)
    {
        try
        {
            FileKinds.ThrowIfSpecial(path);
            if (isSecret && !OperatingSystem.IsWindows() && !SecretFile.IsOwnerOnly(File.GetUnixFileMode(path)))
            {
                throw new WireConfigurationException(key,
                    $"{path} is accessible to users other than its owner. Run: chmod 600 '{path}', and replace what others may "
                    + "have read.");
            }

            long bytes = new FileInfo(path).Length;
            return bytes <= MaxBytes
                ? File.ReadAllLines(path)
                : throw new WireConfigurationException(key,
                    $"{path} has {bytes} bytes; the limit is {MaxBytes}. Check the path, or remove unused lines.");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or EstreamStorageException)
        {
            throw new WireConfigurationException(key, $"{path} cannot be read: {failure.Message}", failure);
        }
    }
}
