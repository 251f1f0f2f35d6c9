using Estream.Esf;
using Estream.Wire.Iso20022.Mapping;

namespace Estream.Wire.Iso20022;

/// <summary>The options of an <see cref="Iso20022Client"/>. Immutable.</summary>
public sealed record Iso20022ClientOptions
{
    /// <summary>The name or address of the peer.</summary>
    public required string Host { get; init; }

    /// <summary>The port of the peer. Default: 20022. No port is registered for ISO 20022.</summary>
    public int Port { get; init; } = Iso20022Settings.DefaultPort;

    /// <summary>TLS options; null for plain TCP.</summary>
    public WireTlsOptions? Tls { get; init; }

    /// <summary>The maximum time in seconds for connecting, and for the answer to a message. Default: 30.</summary>
    public int TimeoutSeconds { get; init; } = 30;

    /// <summary>The maximum time in seconds between two attempts to connect. Default: 30.</summary>
    public int MaxReconnectSeconds { get; init; } = 30;

    /// <summary>The maximum length of a message in bytes, in both directions. Default: 4 MiB.</summary>
    public int MaxMessageBytes { get; init; } = Iso20022Settings.DefaultMessageBytes;

    /// <summary>How messages are checked, in both directions. Default: <see cref="Iso20022Checks.SchemaAndRules"/>.</summary>
    public Iso20022Checks Checks { get; init; } = Iso20022Checks.SchemaAndRules;

    /// <summary>How the peer answers. With <see cref="Iso20022Answers.Messages"/> only pacs.008 can be sent, because the standard has no
    /// answer to a stored message of another type. Default: <see cref="Iso20022Answers.Messages"/>.</summary>
    public Iso20022Answers Answers { get; init; }

    /// <summary>The time in seconds from the first attempt to send a pacs.008 to its deadline. Then the message is no longer sent, and its
    /// payments time out. Default: 3,600.</summary>
    public int PaymentSeconds { get; init; } = 3_600;

    /// <summary>The maximum number of payments whose state is kept, about 1 KiB of memory each. For a new payment, the oldest payments with
    /// a decision are forgotten. Default: 100,000.</summary>
    public int MaxPayments { get; init; } = 100_000;

    /// <summary>The schemas of the messages to send, at least one.</summary>
    public required IReadOnlyList<Iso20022Egress> Egress { get; init; }

    /// <summary>Whether payments are sent, and their states are kept.</summary>
    internal bool SendsPayments => Egress.Any(egress => MappedMessages.SchemaOf("pacs.008.") == egress.Schema.Name);

    /// <exception cref="WireConfigurationException">An option is not accepted.</exception>
    internal void Validate(bool hasReports)
    {
        Iso20022Settings.Range(nameof(Port), Port, 1, ushort.MaxValue);
        Iso20022Settings.Range(nameof(TimeoutSeconds), TimeoutSeconds, 1, 3_600);
        Iso20022Settings.Range(nameof(MaxReconnectSeconds), MaxReconnectSeconds, 1, 3_600);
        Iso20022Settings.Range(
            nameof(MaxMessageBytes), MaxMessageBytes, Iso20022Settings.LeastMessageBytes, Iso20022Settings.MostMessageBytes);
        Iso20022Settings.Range(nameof(PaymentSeconds), PaymentSeconds, 1, 30 * 86_400);
        Iso20022Settings.Range(nameof(MaxPayments), MaxPayments, 1, 10_000_000);
        if (Egress.Count == 0)
        {
            throw new WireConfigurationException("Egress", "is required and not set: name the messages to send.");
        }

        CheckEgress();
        if (SendsPayments && !hasReports)
        {
            throw new WireConfigurationException(
                "Mappings", "has no entry for pacs.002, which reports the states of payments. Map pacs.002 to a queue.");
        }
    }

    private void CheckEgress()
    {
        EsfSchema[] schemas = [.. Egress.Select(egress => egress.Schema)];
        if (Array.Find(schemas, schema => !MappedMessages.IsOne(schema)) is { } other)
        {
            throw new WireConfigurationException("Egress",
                $"'{other.QualifiedName}' cannot be sent; write one of: {string.Join(", ", MappedMessages.SchemaNames)}.");
        }

        if (schemas.DistinctBy(schema => schema.QualifiedName).Count() < schemas.Length)
        {
            throw new WireConfigurationException("Egress", "names a schema twice. Remove one of the two.");
        }

        if (Answers == Iso20022Answers.Messages
            && Array.Find(schemas, schema => schema.Name != MappedMessages.SchemaOf("pacs.008.")) is { } unanswered)
        {
            throw new WireConfigurationException("Answers",
                $"is 'messages', and the standard has no answer to a stored message of {unanswered.Name}, so this client could not know "
                + "whether the peer has it. Write 'frames' here and at the peer, or send pacs.008 only.");
        }
    }
}
