using Estream.Wire.Fix.Codec;

namespace Estream.Wire.Fix.Session;

/// <summary>The password of a session, in a file: read whenever somebody logs on, so that it can be changed, and kept nowhere else.</summary>
internal static class FixPassword
{
    private const int MaxBytes = 256;

    /// <exception cref="WireConfigurationException">The file cannot be read, or holds none.</exception>
    public static byte[] Read(string file)
    {
        try
        {
            Span<byte> password = File.ReadAllBytes(file).AsSpan().TrimEnd("\r\n"u8);
            return password.Length is > 0 and <= MaxBytes && !password.Contains(FixText.Soh)
                ? password.ToArray()
                : throw new WireConfigurationException("PasswordFile", $"{file} holds no password of 1 to {MaxBytes} bytes.");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new WireConfigurationException("PasswordFile", $"{file} cannot be read: {failure.Message}", failure);
        }
    }
}
