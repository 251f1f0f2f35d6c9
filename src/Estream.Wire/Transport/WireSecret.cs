using System.Security.Cryptography;
using System.Text;
using Estream.Core;

namespace Estream.Wire;

/// <summary>
/// The location of a password or token: a file with mode 600, or an environment variable, never a setting. The secret is read at each use,
/// so it can be replaced, and appears in no message. Immutable and thread-safe.
/// </summary>
public sealed class WireSecret
{
    /// <summary>The maximum length of a secret in bytes.</summary>
    public const int MaxBytes = 4_096;

    private readonly string? _file;
    private readonly string? _variable;

    private WireSecret(string? file, string? variable)
    {
        _file = file;
        _variable = variable;
    }

    /// <summary>The first line of a file with mode 600.</summary>
    public static WireSecret FromFile(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new WireSecret(path, null);
    }

    /// <summary>An environment variable.</summary>
    public static WireSecret FromEnvironment(string variable)
    {
        ArgumentException.ThrowIfNullOrEmpty(variable);
        return new WireSecret(null, variable);
    }

    /// <summary>Reads the settings NAMEFile and NAMEEnv, of which at most one may be set: `PasswordFile`, `PasswordEnv`.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="name">The name of the secret, such as Password or Token.</param>
    /// <returns>Null if neither is set.</returns>
    /// <exception cref="WireConfigurationException">Both are set, or one is empty.</exception>
    public static WireSecret? From(WireSettings settings, string name)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentException.ThrowIfNullOrEmpty(name);
        string? file = settings.Text($"{name}File");
        string? variable = settings.Text($"{name}Env");
        if (file is not null && variable is not null)
        {
            throw new WireConfigurationException(settings.KeyOf($"{name}Env"), $"is set together with {name}File; keep one.");
        }

        if (file is "" || variable is "")
        {
            throw new WireConfigurationException(settings.KeyOf(file is "" ? $"{name}File" : $"{name}Env"),
                "is empty; name a file or an environment variable.");
        }

        return file is not null ? FromFile(file) : variable is not null ? FromEnvironment(variable) : null;
    }

    /// <summary>Reads the secret in UTF-8. The caller overwrites the array after use.</summary>
    /// <exception cref="WireConnectionException">The secret is missing or empty, is too long, or its file cannot be read or is accessible
    /// to others. The message names the file or variable, without its content.</exception>
    public byte[] Read()
    {
        byte[] secret = _file is not null ? ReadFile(_file) : ReadVariable(_variable!);
        return secret.Length > 0 ? secret : throw Missing("is empty");
    }

    /// <summary>The location of the secret, without the secret.</summary>
    public override string ToString()
    {
        return _file is not null ? $"file {_file}" : $"environment variable {_variable}";
    }

    private byte[] ReadFile(string path)
    {
        byte[] buffer = new byte[MaxBytes + 2];
        try
        {
            SecretFileOutcome outcome = SecretFile.Read(path, "secret file", isSecret: true, buffer, out int length, out _);
            ReadOnlySpan<byte> content = outcome switch
            {
                SecretFileOutcome.Read => buffer.AsSpan(0, length),
                SecretFileOutcome.OthersMayUse => throw Missing("is accessible to users other than its owner. Run: chmod 600"),
                _ => throw Missing($"is longer than {MaxBytes} bytes"),
            };
            int end = content.IndexOf((byte)'\n');
            content = end < 0 ? content : content[..end];
            return content.EndsWith("\r"u8) ? content[..^1].ToArray() : content.ToArray();
        }
        catch (EstreamStorageException failure)
        {
            throw new WireConnectionException($"The secret cannot be read: {failure.Message}", isTransient: true, failure);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(buffer);
        }
    }

    private byte[] ReadVariable(string variable)
    {
        string value = Environment.GetEnvironmentVariable(variable) ?? throw Missing("is not set");
        return Encoding.UTF8.GetByteCount(value) <= MaxBytes
            ? Encoding.UTF8.GetBytes(value)
            : throw Missing($"is longer than {MaxBytes} bytes");
    }

    private WireConnectionException Missing(string why)
    {
        // The failure is transient: an operator can fix it while the adapter retries.
        return new WireConnectionException($"The secret cannot be read: the {this} {why}.", isTransient: true);
    }
}
