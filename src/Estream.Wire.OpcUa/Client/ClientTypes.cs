namespace Estream.Wire.OpcUa;

/// <summary>The numbers of attributes (Part 6, annex A.1).</summary>
public static class UaAttribute
{
    /// <summary>The class of a node.</summary>
    public const uint NodeClass = 2;

    /// <summary>The name of a node in its namespace.</summary>
    public const uint BrowseName = 3;

    /// <summary>The name of a node for people.</summary>
    public const uint DisplayName = 4;

    /// <summary>The value of a variable.</summary>
    public const uint Value = 13;

    /// <summary>The type of the value of a variable.</summary>
    public const uint DataType = 14;
}

/// <summary>An attribute to read.</summary>
/// <param name="Node">The node.</param>
/// <param name="Attribute">The attribute. Default: the value.</param>
public readonly record struct UaReadItem(UaNodeId Node, uint Attribute = UaAttribute.Value);

/// <summary>An attribute to write.</summary>
/// <param name="Node">The node.</param>
/// <param name="Value">The value.</param>
/// <param name="Attribute">The attribute. Default: the value.</param>
public readonly record struct UaWriteItem(UaNodeId Node, UaVariant Value, uint Attribute = UaAttribute.Value);

/// <summary>A reference from a node to another node (Part 4, 7.29).</summary>
/// <param name="ReferenceType">The type of the reference.</param>
/// <param name="IsForward">Whether the reference starts at the browsed node.</param>
/// <param name="Node">The other node.</param>
/// <param name="BrowseName">The name of the other node in its namespace.</param>
/// <param name="DisplayName">The name of the other node for people.</param>
/// <param name="NodeClass">The class: 1 object, 2 variable, 4 method, 8 object type, 16 variable type, 32 reference type, 64 data type,
/// 128 view.</param>
/// <param name="TypeDefinition">The type of an object or variable.</param>
public sealed record UaReference(
    UaNodeId ReferenceType, bool IsForward, UaExpandedNodeId Node, UaQualifiedName BrowseName, UaLocalizedText DisplayName,
    uint NodeClass, UaExpandedNodeId TypeDefinition);

/// <summary>The result of a method.</summary>
/// <param name="Status">The status of the call.</param>
/// <param name="InputStatuses">The status of each argument; empty if all are good.</param>
/// <param name="Outputs">The returned values.</param>
public sealed record UaCallResult(UaStatus Status, IReadOnlyList<UaStatus> InputStatuses, IReadOnlyList<UaVariant> Outputs);
