using Estream.Core;
using Estream.Esf;
using Estream.Esf.Schema;

namespace Estream.Wire;

/// <summary>
/// The rule of a queue that accepts signed messages only: the trusted keys, read from a file. Keys are added and revoked in the file while
/// the queue is in use; see <see cref="Reload"/>. Thread-safe.
/// </summary>
public sealed class SignatureRule
{
    private readonly ReloadedFiles<EsfTrustedKeys> _keys;

    /// <summary>Reads the file.</summary>
    /// <param name="file">The file of trusted keys; see <see cref="EsfTrustedKeys.Load"/>.</param>
    /// <param name="setting">The setting that names the file, for messages.</param>
    /// <exception cref="WireConfigurationException">The file cannot be read or is invalid.</exception>
    public SignatureRule(string file, string setting)
    {
        ArgumentException.ThrowIfNullOrEmpty(file);
        (File, Setting) = (file, setting);
        _keys = new ReloadedFiles<EsfTrustedKeys>(_ => Load(file, setting), [file]);
    }

    /// <summary>The file of trusted keys.</summary>
    public string File { get; }

    /// <summary>The setting that names the file.</summary>
    internal string Setting { get; }

    /// <summary>The keys that were read last.</summary>
    public EsfTrustedKeys Keys => _keys.Current;

    /// <summary>Reads the file again.</summary>
    /// <exception cref="WireConfigurationException">The file cannot be read or is invalid. The keys are unchanged.</exception>
    public void Reload() => _keys.Reload();

    /// <summary>Verifies the signature of an encoded message.</summary>
    /// <param name="schema">The schema of the message.</param>
    /// <param name="message">The message, of any content.</param>
    /// <param name="time">The time of arrival, in nanoseconds since 1970-01-01 UTC.</param>
    internal TranslateStatus Check(EsfSchema schema, ReadOnlySpan<byte> message, long time)
    {
        if (!EsfSignature.CanSign(schema))
        {
            return TranslateStatus.Unfit($"{schema} has no signature field, and the queue accepts signed messages only");
        }

        EsfSignatureCheck check = Keys.Check(schema, message, time);
        return check.IsValid ? TranslateStatus.Ok : TranslateStatus.Unfit(check.ToString());
    }

    /// <summary>Returns why a message of any schema is refused; null if it has a valid signature.</summary>
    internal string? WhyNot(EsfSchemaSet schemas, ReadOnlySpan<byte> message, long time)
    {
        if (!schemas.TryGet(message, out EsfSchema? schema))
        {
            return "the message is of an unknown schema, so its signature cannot be verified";
        }

        TranslateStatus status = Check(schema, message, time);
        return status.IsOk ? null : status.Describe([]);
    }

    /// <summary>Reads the file again if it has changed; called about once a second by one thread.</summary>
    /// <inheritdoc cref="Reload" path="/exception"/>
    internal bool Look() => _keys.Look();

    /// <summary>Returns why messages of a mapping cannot have a valid signature; null if they can.</summary>
    internal static string? WhyNot(TopicMapping mapping)
    {
        EsfSchema schema = mapping.Schema;
        return !EsfSignature.CanSign(schema)
                ? $"{schema} does not have exactly one public field of type pq_signature. Map a schema with such a field, or remove the "
                    + "rule."
            : schema.IsProtected
                ? $"{schema} has protected fields, which the adapter changes, so the signature of the sender would not match. Map another "
                    + "schema, or remove the rule."
            : mapping.Payload != PayloadKind.Json
                ? $"the mapping of '{mapping.Pattern}' does not take JSON, so its messages have no signature. Map JSON, or remove the rule."
            : mapping.ReceivedAt is not null
                ? $"the mapping of '{mapping.Pattern}' adds the arrival time, which the sender has not signed. Remove ReceivedAt, or "
                    + "remove the rule."
            : mapping.Pattern.Fields.FirstOrDefault(field => field.Kind == EsfTypeKind.String) is { } captured
                ? $"the mapping of '{mapping.Pattern}' takes the text '{captured.Name}' from the topic, which changes the order of the "
                    + "bytes that the sender signed. Write a wildcard instead of the name, or remove the rule."
            : null;
    }

    private static EsfTrustedKeys Load(string file, string setting)
    {
        try
        {
            return EsfTrustedKeys.Load(file);
        }
        catch (EstreamException refused)
        {
            throw new WireConfigurationException(setting, refused.Message);
        }
    }
}
