namespace Estream.Wire.Iso20022;

/// <summary>Why bytes are not a message, or why a message does not match its schema. No reason contains content of the message, since
/// values may be private.</summary>
public enum Iso20022Reason : byte
{
    /// <summary>No error.</summary>
    None,

    /// <summary>The text ends before its root element.</summary>
    UnexpectedEnd,

    /// <summary>Bytes that are not valid UTF-8.</summary>
    InvalidUtf8,

    /// <summary>The text declares an encoding other than UTF-8.</summary>
    UnsupportedEncoding,

    /// <summary>A character that XML does not allow.</summary>
    InvalidCharacter,

    /// <summary>A tag, comment, section or instruction with invalid XML syntax.</summary>
    MalformedMarkup,

    /// <summary>A name with characters outside ASCII, which no message has.</summary>
    UnsupportedName,

    /// <summary>A document type declaration. It is never read, since it could define entities.</summary>
    DtdNotAllowed,

    /// <summary>A reference to an entity other than the five predefined entities, or to a character that XML does not allow.</summary>
    UnknownEntity,

    /// <summary>An attribute that occurs twice.</summary>
    DuplicateAttribute,

    /// <summary>A prefix without a namespace declaration.</summary>
    UndeclaredPrefix,

    /// <summary>An end tag that does not match the open element.</summary>
    MismatchedEndTag,

    /// <summary>Text or a second element outside the root element.</summary>
    ContentOutsideRoot,

    /// <summary>A tag, comment or instruction is longer than <see cref="Iso20022Limits.MaxTokenBytes"/>, or text reaches that
    /// length.</summary>
    TokenTooLong,

    /// <summary>A name is longer than any name in these messages.</summary>
    NameTooLong,

    /// <summary>Elements nest deeper than <see cref="Iso20022Limits.MaxDepth"/>.</summary>
    TooDeep,

    /// <summary>An element has more attributes than <see cref="Iso20022Limits.MaxAttributes"/>.</summary>
    TooManyAttributes,

    /// <summary>There are more namespace declarations, or longer declarations, than in any of these messages.</summary>
    TooManyNamespaces,

    /// <summary>The text is longer than <see cref="Iso20022Limits.MaxMessageBytes"/>, or JSON is longer than
    /// <see cref="Iso20022Limits.MaxJsonBytes"/>.</summary>
    MessageTooLong,

    /// <summary>There are more elements than <see cref="Iso20022Limits.MaxElements"/>.</summary>
    TooManyElements,

    /// <summary>A message or header without a known schema, or no message at all.</summary>
    UnknownMessage,

    /// <summary>More than one message, or more than one header.</summary>
    SeveralMessages,

    /// <summary>An element that is not allowed there, or not in this order.</summary>
    UnexpectedElement,

    /// <summary>A required element is missing; the path names it.</summary>
    MissingElement,

    /// <summary>An element that occurs too often.</summary>
    TooManyOccurrences,

    /// <summary>Text between elements.</summary>
    UnexpectedText,

    /// <summary>An attribute that the element does not allow.</summary>
    UnexpectedAttribute,

    /// <summary>A required attribute is missing; the path names it.</summary>
    MissingAttribute,

    /// <summary>The text of an element, including comments and sections inside it, reaches <see
    /// cref="Iso20022Limits.MaxTokenBytes"/>.</summary>
    ValueTooLong,

    /// <summary>Text with fewer characters than its type requires.</summary>
    TooShort,

    /// <summary>Text with more characters than its type allows.</summary>
    TooLong,

    /// <summary>Text that does not match the pattern of its type, such as the pattern of an IBAN or a bank identifier.</summary>
    WrongPattern,

    /// <summary>A code that is not in the list of its type.</summary>
    UnknownCode,

    /// <summary>Text that is not a number.</summary>
    NotANumber,

    /// <summary>A number with more digits than its type allows.</summary>
    TooManyDigits,

    /// <summary>A number with more fraction digits than its type allows.</summary>
    TooManyFractionDigits,

    /// <summary>A number below the minimum of its type.</summary>
    TooLittle,

    /// <summary>Text that is not a Boolean.</summary>
    NotABoolean,

    /// <summary>Text that is not a date or time of its type, or a date or time that does not exist.</summary>
    NotADateOrTime,

    /// <summary>More findings than <see cref="Iso20022Limits.MaxFindings"/>; the rest of the message was not checked.</summary>
    TooManyFindings,

    /// <summary>An account number with wrong check digits.</summary>
    WrongCheckDigits,

    /// <summary>The stated number of transactions is not the actual number.</summary>
    WrongCount,

    /// <summary>The stated sum is not the sum of the transactions.</summary>
    WrongSum,

    /// <summary>A transaction in another currency than the total.</summary>
    DifferentCurrencies,

    /// <summary>A header that names another message or version than the message that follows.</summary>
    HeaderOfAnother,

    /// <summary>An amount with more fraction digits than its currency has.</summary>
    MoreThanMinorUnits,

    /// <summary>A unique reference that occurs twice.</summary>
    RepeatedReference,

    /// <summary>A rejection without a reason.</summary>
    MissingReason,

    /// <summary>The opening balance plus the booked entries is not the closing balance.</summary>
    WrongBalance,

    /// <summary>A violation of the CBPR+ usage guidelines.</summary>
    NotForCrossBorder,

    /// <summary>Text that begins like JSON and is not valid JSON, or has a duplicate member or nested arrays.</summary>
    MalformedJson,
}
