using Estream.Wire.Fix.Codec;

namespace Estream.Wire.Fix.Session;

/// <summary>Reads the password of a session. It is read at every Logon, so that it can be changed, and is not cached.</summary>
internal static class FixPassword
{
    private const int MaxBytes = 256;

    /// <summary>Whether the options name a password.</summary>
    public static bool IsWanted(FixSessionOptions options) => (options.PasswordFile ?? options.PasswordEnv) is not null;

    /// <summary>Reads the password.</summary>
    /// <exception cref="WireConnectionException">The file or variable has no password, other users can read the file, or the password is
    /// longer than 256 bytes or contains SOH.</exception>
    public static byte[] Read(FixSessionOptions options)
    {
        WireSecret secret = options.PasswordFile is { } file ? WireSecret.FromFile(file) : WireSecret.FromEnvironment(options.PasswordEnv!);
        byte[] password = secret.Read();
        return password.Length <= MaxBytes && !password.Contains(FixText.Soh)
            ? password
            : throw new WireConnectionException($"The {secret} must contain a password of 1 to {MaxBytes} bytes without SOH.",
                isTransient: true);
    }
}
