using System.Diagnostics.CodeAnalysis;

namespace Estream.Wire.OpcUa;

/// <summary>The built-in types of OPC UA (Part 6, 5.1.2), with their numbers in the binary encoding.</summary>
[SuppressMessage("Naming", "CA1720:Identifier contains type name", Justification = "The names of the specification.")]
public enum UaType : byte
{
    /// <summary>No value.</summary>
    Null = 0,

    /// <summary>True or false.</summary>
    Boolean = 1,

    /// <summary>An 8-bit signed integer.</summary>
    SByte = 2,

    /// <summary>An 8-bit unsigned integer.</summary>
    Byte = 3,

    /// <summary>A 16-bit signed integer.</summary>
    Int16 = 4,

    /// <summary>A 16-bit unsigned integer.</summary>
    UInt16 = 5,

    /// <summary>A 32-bit signed integer.</summary>
    Int32 = 6,

    /// <summary>A 32-bit unsigned integer.</summary>
    UInt32 = 7,

    /// <summary>A 64-bit signed integer.</summary>
    Int64 = 8,

    /// <summary>A 64-bit unsigned integer.</summary>
    UInt64 = 9,

    /// <summary>A 32-bit floating-point number.</summary>
    Float = 10,

    /// <summary>A 64-bit floating-point number.</summary>
    Double = 11,

    /// <summary>Text in UTF-8.</summary>
    String = 12,

    /// <summary>A time in units of 100 ns since 1601-01-01 UTC.</summary>
    DateTime = 13,

    /// <summary>A GUID.</summary>
    Guid = 14,

    /// <summary>Bytes.</summary>
    ByteString = 15,

    /// <summary>An XML element as text.</summary>
    XmlElement = 16,

    /// <summary>The identifier of a node.</summary>
    NodeId = 17,

    /// <summary>The identifier of a node, possibly of another server.</summary>
    ExpandedNodeId = 18,

    /// <summary>A status code.</summary>
    StatusCode = 19,

    /// <summary>A name with a namespace.</summary>
    QualifiedName = 20,

    /// <summary>Text with a locale.</summary>
    LocalizedText = 21,

    /// <summary>A structure with its type.</summary>
    ExtensionObject = 22,

    /// <summary>A value with status and timestamps.</summary>
    DataValue = 23,

    /// <summary>A value of any type.</summary>
    Variant = 24,

    /// <summary>Vendor diagnostics.</summary>
    DiagnosticInfo = 25,
}
