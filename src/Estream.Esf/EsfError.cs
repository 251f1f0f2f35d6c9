namespace Estream.Esf;

/// <summary>The errors that encoding, checking, sealing or opening a message can report.</summary>
public enum EsfError : byte
{
    /// <summary>No error.</summary>
    None,
    /// <summary>The destination is too short for the message. Its content is undefined.</summary>
    DestinationTooSmall,
    /// <summary>The text is not JSON.</summary>
    MalformedJson,
    /// <summary>Text follows the JSON value.</summary>
    TrailingText,
    /// <summary>The schema has no field of that name.</summary>
    UnknownMember,
    /// <summary>The JSON object has the same member twice.</summary>
    DuplicateMember,
    /// <summary>A required field is missing.</summary>
    MissingField,
    /// <summary>The JSON value has a type that the field does not accept.</summary>
    WrongType,
    /// <summary>The value is null. To leave an optional field out, omit its member.</summary>
    NullValue,
    /// <summary>The number is outside the range of the field's type.</summary>
    OutOfRange,
    /// <summary>The number has a fraction or an exponent, but the field is an integer.</summary>
    NotAnInteger,
    /// <summary>The value has more bytes than the field's type allows.</summary>
    TooLong,
    /// <summary>The text is not UTF-8, or contains a JSON escape that is not a character.</summary>
    InvalidUtf8,
    /// <summary>The text is not the name of a value of the enum.</summary>
    UnknownEnumValue,
    /// <summary>The text does not consist of pairs of hexadecimal digits.</summary>
    InvalidHex,
    /// <summary>The bytes32 value is not 32 bytes long.</summary>
    WrongLength,
    /// <summary>The map key cannot be converted to the key type.</summary>
    InvalidKey,
    /// <summary>The map contains the same key twice.</summary>
    DuplicateKey,
    /// <summary>The body and the topic give the field different values.</summary>
    CaptureMismatch,
    /// <summary>The text captured from the topic is not a valid value of the field's type.</summary>
    InvalidCapture,
    /// <summary>The message is longer than the format allows.</summary>
    MessageTooLong,
    /// <summary>The message ends before its fixed block does.</summary>
    Truncated,
    /// <summary>The message belongs to another schema.</summary>
    WrongSchema,
    /// <summary>The message has a newer format version, or uses a feature that this library does not support.</summary>
    UnsupportedFormat,
    /// <summary>A reference points outside its record, or the references of a record cover more bytes than it has.</summary>
    BadReference,
    /// <summary>The items of an array or a map do not fill their region exactly.</summary>
    BadSequence,
    /// <summary>The bool is neither 0 nor 1.</summary>
    BadBool,
    /// <summary>The message was written by another version of the schema, and no compatible version has a fixed block of this
    /// length.</summary>
    IncompatibleVersion,
    /// <summary>A private field is stored unencrypted where it must be sealed.</summary>
    Unsealed,
    /// <summary>A private value is needed but withheld: the message was opened without the value's key, or the JSON was redacted.</summary>
    Withheld,
    /// <summary>The message is already sealed.</summary>
    AlreadySealed,
    /// <summary>The envelope of a sealed message, or the layout of a sealed value, is not valid in this format.</summary>
    BadEnvelope,
    /// <summary>A sealed value, or the content keys for a reader, failed authentication: the bytes were changed, or belong to another
    /// message.</summary>
    BadSeal,
    /// <summary>The text of a tokenized field is neither a card number nor a token of the vault.</summary>
    NotACard,
    /// <summary>A tokenized field holds a card number or other text instead of a token.</summary>
    Untokenized,
    /// <summary>The vault has no token left for the card.</summary>
    NoTokenLeft,
}
