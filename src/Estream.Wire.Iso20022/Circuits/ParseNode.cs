using Estream.Circuits;
using Estream.Esf;
using Estream.Wire.Iso20022.Mapping;

namespace Estream.Wire.Iso20022.Circuits;

/// <summary>Parses documents of one kind into messages, and leaves documents of other kinds to other nodes. Deterministic: the same
/// document always gives the same result. Not thread-safe.</summary>
/// <param name="documents">Reads the documents.</param>
/// <param name="makes">The schema of the messages.</param>
/// <param name="limits">The limits on documents.</param>
/// <param name="takesStrangers">Whether this node rejects documents that no node accepts.</param>
internal sealed class ParseNode(DocumentSource documents, EsfSchema makes, Iso20022Limits limits, bool takesStrangers)
{
    private readonly Iso20022Translator _translator = new(name => name == makes.Name ? makes : null, limits, Iso20022Checks.SchemaAndRules);

    /// <summary>Processes a message.</summary>
    public void Run(ref NodeCall call)
    {
        if (!documents.TryRead(call.Message, out ReadOnlySpan<byte> document))
        {
            RejectStranger(ref call, "the document is damaged, or sealed and there is no key for it");
            return;
        }

        TranslateStatus status = _translator.ToEsf(document, call.Buffer, out _, out int length);
        string? kind = _translator.Definition is { } definition ? MappedMessages.SchemaOf(definition) : null;
        if (kind != makes.Name)
        {
            bool isOfOther = kind is "Pacs008CreditTransfer" or "Pacs002StatusReport";
            RejectStranger(ref call,
                isOfOther ? null : _translator.Findings.Count > 0
                    ? WordsOf(_translator.Findings[0])
                    : "the document is neither pacs.008 nor pacs.002");
        }
        else if (status.IsOk)
        {
            call.Make(length);
        }
        else
        {
            call.Reject(status.IsDestinationTooSmall ? "the message is longer than 'max_bytes' of the circuit"
                : _translator.Findings.Count > 0 ? WordsOf(_translator.Findings[0])
                : "the document is valid, but does not fit the schema of the pack");
        }
    }

    /// <summary>
    /// Returns why a document is rejected. The text is the same for the same error, since each distinct text is kept once. It contains no
    /// values, no positions, and no names that the sender has chosen.
    /// </summary>
    internal static string WordsOf(Iso20022Finding finding)
    {
        bool isNamedByOthers = finding.Reason is Iso20022Reason.UnexpectedElement or Iso20022Reason.UnexpectedAttribute
            or Iso20022Reason.TooManyOccurrences;
        return isNamedByOthers || finding.Path.Length == 0
            ? $"the document is refused: {finding.Reason}"
            : $"the document is refused: {finding.Reason} at {WithoutNumbers(finding.Path)}";
    }

    private void RejectStranger(ref NodeCall call, string? reason)
    {
        if (takesStrangers && reason is not null)
        {
            call.Reject(reason);
        }
    }

    private static string WithoutNumbers(string path) =>
        string.Concat(path.Split('[').Select((part, at) => at == 0 ? part : part[(part.IndexOf(']') + 1)..]));
}
