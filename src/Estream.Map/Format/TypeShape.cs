using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Estream.Core;

namespace Estream.Map.Internal;

/// <summary>
/// The memory layout of a type: the kinds of its innermost fields, in order. Found by reflection when a map is opened. It prevents
/// opening a map with other types of the same size, and rejects keys with undefined bytes.
/// </summary>
internal sealed class TypeShape
{
    private const int MaxDepth = 32;

    private readonly StringBuilder _kinds = new();
    private int _fieldBytes;
    private bool _overlaps;

    private TypeShape(Type type, int size)
    {
        Type = type;
        Size = size;
        Visit(type, 1, 0);
    }

    public Type Type { get; }

    public int Size { get; }

    /// <summary>Equal for two types if their fields have the same kinds in the same order. Names do not matter.</summary>
    public ulong Fingerprint
    {
        get
        {
            // FNV-1a, 64 bits. Any fixed function would do: the fingerprint need not resist attacks.
            ulong hash = 0xCBF29CE484222325;
            foreach (char kind in _kinds.ToString())
            {
                hash = (hash ^ kind) * 0x100000001B3;
            }

            return hash;
        }
    }

    /// <summary>
    /// The number of bytes that belong to no field. 0 for a type with fields at explicit offsets: these may overlap, so the number is
    /// unknown.
    /// </summary>
    public int PaddingBytes => _overlaps ? 0 : Math.Max(0, Size - _fieldBytes);

    public static TypeShape Of<T>()
        where T : unmanaged => new(typeof(T), RawValue.SizeOf<T>());

    private void Visit(Type type, int repeat, int depth)
    {
        if (depth > MaxDepth)
        {
            throw new ArgumentException($"{Type} nests more than {MaxDepth} types.");
        }

        Type plain = type.IsEnum ? Enum.GetUnderlyingType(type) : type;
        if (plain.IsPrimitive || plain.IsPointer || plain.IsFunctionPointer)
        {
            _kinds.Append(plain.IsPrimitive ? plain.Name : "Pointer").Append('*').Append(repeat).Append(',');
            _fieldBytes += repeat * PrimitiveBytes(plain);
            return;
        }

        _overlaps |= plain.IsExplicitLayout && plain.GetCustomAttribute<UnsafeValueTypeAttribute>() is null;
        foreach (FieldInfo field in plain.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
            .OrderBy(f => f.MetadataToken))
        {
            VisitField(plain, field, repeat, depth);
        }
    }

    private void VisitField(Type owner, FieldInfo field, int repeat, int depth)
    {
        if (field.GetCustomAttribute<FixedBufferAttribute>() is { } buffer)
        {
            Visit(buffer.ElementType, repeat * buffer.Length, depth + 1);
            return;
        }

        int elements = owner.GetCustomAttribute<InlineArrayAttribute>()?.Length ?? 1;
        Visit(field.FieldType, repeat * elements, depth + 1);
    }

    private static int PrimitiveBytes(Type type)
    {
        if (type == typeof(bool))
        {
            return 1;
        }

        // Marshal.SizeOf returns the size of the native form. For these types it equals the size in memory, except for char, which has
        // two bytes.
        return type == typeof(char) ? sizeof(char) : type.IsPrimitive ? Marshal.SizeOf(type) : IntPtr.Size;
    }
}
