using Estream.Wire.Fix.Codec;

namespace Estream.Wire.Fix.Session;

/// <summary>The password of a session: a secret that fits into a field. Read whenever somebody logs on, so that it can be changed, and kept
/// nowhere else.</summary>
internal static class FixPassword
{
    private const int MaxBytes = 256;

    /// <summary>Whether a session has one.</summary>
    public static bool IsWanted(FixSessionOptions options) => (options.PasswordFile ?? options.PasswordEnv) is not null;

    /// <exception cref="WireConnectionException">There is none in what the options name, others can read it too, or it is none that a field
    /// can hold.</exception>
    public static byte[] Read(FixSessionOptions options)
    {
        WireSecret secret = options.PasswordFile is { } file ? WireSecret.FromFile(file) : WireSecret.FromEnvironment(options.PasswordEnv!);
        byte[] password = secret.Read();
        return password.Length <= MaxBytes && !password.Contains(FixText.Soh)
            ? password
            : throw new WireConnectionException($"The {secret} holds no password of 1 to {MaxBytes} bytes without SOH.", isTransient: true);
    }
}
