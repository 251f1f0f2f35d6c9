using Estream.Core;

namespace Estream.Wire.Mqtt.Internal;

/// <summary>Reads the lines of a file that a setting names: users, rights.</summary>
internal static class ConfiguredLines
{
    /// <summary>Room for a million users.</summary>
    public const long MaxBytes = 256L << 20;

    /// <param name="key">The setting, for who has to put it right.</param>
    /// <param name="path">The file.</param>
    /// <exception cref="WireConfigurationException">It cannot be read, is no file that ends, or is larger than
    /// <see cref="MaxBytes"/>.</exception>
    public static string[] Read(string key, string path)
    {
        try
        {
            FileKinds.ThrowIfSpecial(path);
            long bytes = new FileInfo(path).Length;
            return bytes <= MaxBytes
                ? File.ReadAllLines(path)
                : throw new WireConfigurationException(key,
                    $"{path} has {bytes} bytes; at most {MaxBytes} are read. Name the file that was meant, or take out what is not used.");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or EstreamStorageException)
        {
            throw new WireConfigurationException(key, $"{path} cannot be read: {failure.Message}", failure);
        }
    }
}
