namespace Estream.Esf;

/// <summary>What can be wrong with a message or with the JSON it is to be made from.</summary>
public enum EsfError : byte
{
    /// <summary>Nothing.</summary>
    None,
    /// <summary>The destination is too short for the message. Nothing in it is a message.</summary>
    DestinationTooSmall,
    /// <summary>The text is not JSON.</summary>
    MalformedJson,
    /// <summary>There is more text behind the JSON value.</summary>
    TrailingText,
    /// <summary>The schema has no field of that name.</summary>
    UnknownMember,
    /// <summary>The member stands twice.</summary>
    DuplicateMember,
    /// <summary>A required field is not there.</summary>
    MissingField,
    /// <summary>The JSON value is of another type than the field.</summary>
    WrongType,
    /// <summary>The value is null; an optional field is left out instead.</summary>
    NullValue,
    /// <summary>A number outside the range of the field's type.</summary>
    OutOfRange,
    /// <summary>A number with a fraction or an exponent where an integer belongs.</summary>
    NotAnInteger,
    /// <summary>More bytes than the field's type allows.</summary>
    TooLong,
    /// <summary>Text that is not UTF-8, or a JSON escape that stands for no character.</summary>
    InvalidUtf8,
    /// <summary>A name the enum does not have.</summary>
    UnknownEnumValue,
    /// <summary>Text that is not pairs of hexadecimal digits.</summary>
    InvalidHex,
    /// <summary>A bytes32 that is not 32 bytes long.</summary>
    WrongLength,
    /// <summary>A map key that cannot be read as the key's type.</summary>
    InvalidKey,
    /// <summary>A map holds a key twice.</summary>
    DuplicateKey,
    /// <summary>The body gives the field another value than the topic does.</summary>
    CaptureMismatch,
    /// <summary>The text captured from the topic is no value of the field's type.</summary>
    InvalidCapture,
    /// <summary>The message is longer than the format allows.</summary>
    MessageTooLong,
    /// <summary>The message ends before its fixed block does.</summary>
    Truncated,
    /// <summary>The message belongs to another schema.</summary>
    WrongSchema,
    /// <summary>The message is of a newer format, or uses a feature this version does not know.</summary>
    UnsupportedFormat,
    /// <summary>A reference points outside its record, or the references of a record claim more bytes than it has.</summary>
    BadReference,
    /// <summary>The items of an array or a map do not fill their region exactly.</summary>
    BadSequence,
    /// <summary>A bool that is neither 0 nor 1.</summary>
    BadBool,
    /// <summary>A message of another version of the schema, whose fixed block ends where that of no compatible version can.</summary>
    IncompatibleVersion,
    /// <summary>A private field stands in clear where it has to be sealed.</summary>
    Unsealed,
    /// <summary>A private value is withheld where it is needed: the message was opened without its key, or the JSON was redacted.</summary>
    Withheld,
    /// <summary>The message is sealed already.</summary>
    AlreadySealed,
    /// <summary>The envelope of a sealed message, or the shape of a sealed value, is none the format has.</summary>
    BadEnvelope,
    /// <summary>A sealed value, or the keys that were sealed for a reader, are not what the writer made: they were changed, or come from
    /// elsewhere.</summary>
    BadSeal,
    /// <summary>A tokenized field whose text is neither the number of a card nor a token of the vault.</summary>
    NotACard,
    /// <summary>A tokenized field that holds the number of a card, or other text, where its token has to stand.</summary>
    Untokenized,
    /// <summary>The vault has no token left for a card.</summary>
    NoTokenLeft,
}
