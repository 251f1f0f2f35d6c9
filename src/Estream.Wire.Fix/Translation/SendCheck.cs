using System.Text;
using Estream.Wire.Fix.Codec;
using Estream.Wire.Fix.Dictionary;

namespace Estream.Wire.Fix.Translation;

/// <summary>
/// Checks a message to send against the application dictionary of its version, by the rules for received messages: required fields, also of
/// group entries; listed codes; formats. A counterparty would reject what this refuses. Checking a valid message does not allocate. Not
/// thread-safe.
/// </summary>
internal sealed class SendCheck
{
    /// <summary>The maximum number of fields in a body: more than a book of 1,000 entries with every field has.</summary>
    public const int MaxFields = 20_000;

    private readonly FixDictionary _dictionary;
    private readonly FixValidator _validator;
    private readonly FixFieldIndex _index;

    public SendCheck(FixProtocol protocol)
    {
        _dictionary = protocol.Application;
        _validator = new FixValidator(protocol);
        _index = new FixFieldIndex(protocol.DataTags, MaxFields);
    }

    /// <summary>Returns Ok, or a refusal that names the field and the rule.</summary>
    public TranslateStatus Check(FixMessageBuilder message)
    {
        _index.Parse(message.Body);

        // A body does not end with CheckSum. Any other fault means that the fields cannot be read.
        FixFault fault = _index.Fault;
        if (fault.Reason == FixRejectReason.RequiredTagMissing && fault.RefTag == Tag.CheckSum)
        {
            Span<byte> msgType = stackalloc byte[FixMessageBuilder.MaxMsgTypeLength];
            int length = Encoding.ASCII.GetBytes(message.MsgType, msgType);
            fault = _validator.ValidateBody(msgType[..length], new FixMessage(message.Body, _index));
        }

        return fault.IsFault ? Refuse(fault, message.MsgType) : TranslateStatus.Ok;
    }

    private TranslateStatus Refuse(FixFault fault, string msgType)
    {
        return fault.RefTag == FixFault.NoTag
            ? TranslateStatus.Unfit($"a message of type {msgType} cannot be sent: {fault.Text}")
            : Refusal.Of(fault.RefTag, _dictionary.Field(fault.RefTag)?.Name, Reason(fault, msgType));
    }

    private string Reason(FixFault fault, string msgType) => fault.Reason switch
    {
        FixRejectReason.RequiredTagMissing => $"is missing; {_dictionary.Version} requires it in messages of type {msgType}",
        FixRejectReason.ValueOutOfRange => $"has a value that the dictionary of {_dictionary.Version} does not list",
        FixRejectReason.IncorrectFormat => "has a value that does not have the format of its type",
        FixRejectReason.InvalidTag or FixRejectReason.TagNotDefinedForMessage =>
            "is not defined for messages of this type in this version of FIX",
        _ => $"cannot be sent: {fault.Text}",
    };
}
