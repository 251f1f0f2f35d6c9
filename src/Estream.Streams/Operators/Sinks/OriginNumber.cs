using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Estream.Streams.Operators;

/// <summary>A number for a pipeline, by which what it has made knows it again; never 0.</summary>
internal static class OriginNumber
{
    public static long Of(string pipeline) => BinaryPrimitives.ReadInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(pipeline))) | 1;
}
