using System.Text;
using Estream.Wire.Fix.Codec;

namespace Estream.Wire.Fix.Session;

/// <summary>The password of a session, in a file or the environment: read whenever somebody logs on, so that it can be changed, and kept nowhere else.</summary>
internal static class FixPassword
{
    private const int MaxBytes = 256;

    /// <summary>Whether a session has one.</summary>
    public static bool IsWanted(FixSessionOptions options) => (options.PasswordFile ?? options.PasswordEnv) is not null;

    /// <exception cref="WireConfigurationException">The file cannot be read, or there is none in what the options name.</exception>
    public static byte[] Read(FixSessionOptions options)
    {
        return options.PasswordFile is { } file ? ReadFile(file) : ReadVariable(options.PasswordEnv!);
    }

    private static byte[] ReadFile(string file)
    {
        try
        {
            return Check(File.ReadAllBytes(file).AsSpan().TrimEnd("\r\n"u8), "PasswordFile", file);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new WireConfigurationException("PasswordFile", $"{file} cannot be read: {failure.Message}", failure);
        }
    }

    private static byte[] ReadVariable(string variable)
    {
        return Check(Encoding.UTF8.GetBytes(Environment.GetEnvironmentVariable(variable) ?? ""), "PasswordEnv", variable);
    }

    private static byte[] Check(ReadOnlySpan<byte> password, string option, string place)
    {
        return password.Length is > 0 and <= MaxBytes && !password.Contains(FixText.Soh)
            ? password.ToArray()
            : throw new WireConfigurationException(option, $"{place} holds no password of 1 to {MaxBytes} bytes.");
    }
}
