using Esf.Generator.Hidden;
using Test.GeneratedCode;
using Test.Growing;

namespace Estream.Esf.Generator.Tests;

/// <summary>Messages with every kind of field, methods to damage them, and methods that read them completely with generated
/// views.</summary>
internal static class HostileMessages
{
    /// <summary>An unsealed message of <see cref="Everything"/>.</summary>
    public static byte[] OfEverything()
    {
        byte[] buffer = new byte[2048];
        Everything.Writer writer = EverythingTests.WriteRequired(buffer);
        Everything.PlaceWriter place = writer.BeginPlace();
        place.X = 1.5;
        place.Label = "north"u8;
        Everything.PlaceInnerWriter inner = place.BeginInner();
        var numbers = inner.BeginNumbers();
        numbers.Add(-1);
        inner.EndNumbers(numbers);
        place.EndInner(inner);
        writer.EndPlace(place);
        EverythingTests.WriteCollections(ref writer);
        return buffer[..writer.Length];
    }

    /// <summary>Messages of <see cref="Admission"/>, with single private fields: unsealed and sealed.</summary>
    public static byte[][] OfAdmission() => [PrivateViewTests.Full(), PrivateViewTests.Seal(Admission.Schema, PrivateViewTests.Full())];

    /// <summary>Messages of <see cref="Visits"/>, with private arrays, maps and items: unsealed and sealed.</summary>
    public static byte[][] OfVisits() => [PrivateViewTests.AVisit(), PrivateViewTests.Seal(Visits.Schema, PrivateViewTests.AVisit())];

    /// <summary>Makes one to three changes after the header. In a quarter of the cases the message is also truncated, after its fixed
    /// block.</summary>
    public static byte[] Damage(Random random, byte[] message, int fixedLength)
    {
        byte[] damaged = random.Next(4) == 0 ? message[..random.Next(fixedLength, message.Length)] : [.. message];
        for (int changes = random.Next(1, 4); changes > 0; changes--)
        {
            // Half of the changes are in the first part of the message: no view reads the envelope of a sealed message, and the envelope is
            // much longer than the records.
            int at = random.Next(EsfMessageHeader.Length, random.Next(2) == 0 ? damaged.Length : Math.Min(damaged.Length, 2 * fixedLength));
            damaged[at] =
                random.Next(3) switch { 0 => 0xff, 1 => (byte)random.Next(256), _ => (byte)(damaged[at] ^ (1 << random.Next(8))) };
        }

        return damaged;
    }

    /// <summary>
    /// Makes one to three changes anywhere, a third of them in the header. Most changes of the header affect the length of the fixed block
    /// or the id, so that the message seems to be of another version. In a quarter of the cases the message is also truncated.
    /// </summary>
    public static byte[] DamageAnywhere(Random random, byte[] message)
    {
        byte[] damaged = random.Next(4) == 0 ? message[..random.Next(1, message.Length)] : [.. message];
        for (int changes = random.Next(1, 4); changes > 0; changes--)
        {
            int at = Math.Min(random.Next(3) == 0 ? HeaderByte(random) : random.Next(damaged.Length), damaged.Length - 1);
            damaged[at] =
                random.Next(3) switch { 0 => 0xff, 1 => (byte)random.Next(256), _ => (byte)(damaged[at] ^ (1 << random.Next(8))) };
        }

        return damaged;
    }

    public static long ReadTrip(ReadOnlySpan<byte> message)
    {
        Trip.View view = Trip.View.Of(message);
        long sum = view.Id + Sum(view.Note) + view.Origin.X + (view.Origin.Y ?? 0) + Sum(view.Origin.Label);
        foreach (var leg in view.Legs)
        {
            sum += leg.Km + (long)leg.By.GetValueOrDefault();
        }

        foreach (var stop in view.Stops)
        {
            sum += stop.Key + Sum(stop.Value);
        }

        sum += Sum(view.Driver) + Sum(view.Raw) + (long)view.Way.GetValueOrDefault() + (long)(view.Count ?? 0);
        return view.HasExtra ? sum + view.Extra.Depth : sum;
    }

    public static long ReadEverything(ReadOnlySpan<byte> message)
    {
        Everything.View view = Everything.View.Of(message);
        long sum = (view.Flag ? 1 : 0) + (long)view.D + (long)view.State + Sum(view.Hash) + Sum(view.Text) + Sum(view.Raw)
            + Sum(view.ShortText) + Sum(view.Signature);
        foreach (int number in view.Numbers)
        {
            sum += number;
        }

        foreach (ReadOnlySpan<byte> name in view.Names)
        {
            sum += Sum(name);
        }

        foreach (var row in view.Grid)
        {
            foreach (byte cell in row)
            {
                sum += cell;
            }
        }

        foreach (var tag in view.Tags)
        {
            sum += Sum(tag.Key) + Sum(tag.Value);
        }

        foreach (var state in view.ByState)
        {
            sum += (long)state.Key + state.Value.Count;
        }

        foreach (Everything.PartsItemView part in view.Parts)
        {
            sum += part.Id + Sum(part.Note);
        }

        sum += view.Counts.TryGetValue(7, out ulong count) ? (long)count : 0;
        return view.HasPlace ? sum + view.Place.Inner.Numbers.Count + Sum(view.Place.Label) : sum;
    }

    public static long ReadAdmission(ReadOnlySpan<byte> message)
    {
        Admission.View view = Admission.View.Of(message);
        long sum = Sum(view.Id) + (view.Bed ?? 0);
        sum += view.Age.TryGet(out byte age) ? age : 0;
        sum += view.Insured.TryGet(out bool insured) && insured ? 1 : 0;
        sum += view.Balance.TryGet(out long balance) ? balance : 0;
        sum += view.Weight.TryGet(out double weight) ? BitConverter.DoubleToInt64Bits(weight) : 0;
        sum += view.Ward.TryGet(out Ward ward) ? (long)ward : 0;
        sum += view.Token.TryGet(out ReadOnlySpan<byte> token) ? Sum(token) : 0;
        sum += view.Name.TryGet(out ReadOnlySpan<byte> name) ? Sum(name) : 0;
        return view.Home.TryGet(out Admission.HomeView home)
            ? sum + Sum(home.Street) + (home.Floor.TryGet(out short floor) ? floor : 0)
            : sum;
    }

    public static long ReadVisits(ReadOnlySpan<byte> message)
    {
        Visits.View view = Visits.View.Of(message);
        long sum = 0;
        if (view.Codes.TryGet(out var codes))
        {
            foreach (uint code in codes)
            {
                sum += code;
            }
        }

        if (view.Notes.TryGet(out var notes))
        {
            foreach (var note in notes)
            {
                sum += Sum(note.Key) + Sum(note.Value);
            }
        }

        foreach (Visits.PartsItemView part in view.Parts)
        {
            sum += part.Finding.TryGet(out ReadOnlySpan<byte> finding) ? Sum(finding) : 0;
        }

        return sum;
    }

    // Header: eight bytes of id, four of the name id, two of the length, one of the format version, one of the flags.
    private static int HeaderByte(Random random) => random.Next(8) switch
    {
        0 => random.Next(8, 12),
        1 => random.Next(14, 16),
        2 or 3 => random.Next(8),
        _ => random.Next(12, 14),
    };

    private static long Sum(ReadOnlySpan<byte> bytes)
    {
        long sum = 0;
        foreach (byte b in bytes)
        {
            sum += b;
        }

        return sum;
    }
}
