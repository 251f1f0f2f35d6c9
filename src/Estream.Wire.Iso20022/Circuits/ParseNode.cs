using Estream.Circuits;
using Estream.Esf;
using Estream.Wire.Iso20022.Mapping;

namespace Estream.Wire.Iso20022.Circuits;

/// <summary>Makes messages of one kind of the documents that are of it, and leaves those of other kinds to other nodes. The same document
/// always comes to the same. Not thread-safe.</summary>
/// <param name="documents">Gives the documents.</param>
/// <param name="makes">What is made.</param>
/// <param name="limits">How much of a document is read.</param>
/// <param name="takesStrangers">Whether it is this node that rejects what no node makes anything of.</param>
internal sealed class ParseNode(DocumentSource documents, EsfSchema makes, Iso20022Limits limits, bool takesStrangers)
{
    private readonly Iso20022Translator _translator = new(name => name == makes.Name ? makes : null, limits, Iso20022Checks.SchemaAndRules);

    /// <summary>Takes a message.</summary>
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
                    : "the document is no pacs.008 and no pacs.002");
        }
        else if (status.IsOk)
        {
            call.Make(length);
        }
        else
        {
            call.Reject(status.IsDestinationTooSmall ? "the message is longer than 'max_bytes' of the circuit"
                : _translator.Findings.Count > 0 ? WordsOf(_translator.Findings[0])
                : "the document is right, and does not fit the schema of the pack");
        }
    }

    /// <summary>
    /// Why a document is refused, in the same words for the same mistake: each is kept once. They have no values, no places, and no names
    /// that a stranger has chosen.
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
