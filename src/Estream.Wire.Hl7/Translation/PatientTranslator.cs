using Estream.Esf.Items;
using Estream.Health;
using Estream.Wire.Hl7.Codec;

namespace Estream.Wire.Hl7.Translation;

/// <summary>Translates PID into FhirPatient. All values of the person are in private fields; displays of codes are stored as private text,
/// since senders put free text there.</summary>
internal sealed class PatientTranslator(Hl7TranslationOptions options) : Hl7Translator(options)
{
    protected override TranslateStatus Write(
        scoped in Hl7Message message, ReadOnlySpan<byte> topic, Hl7Work work, Span<byte> destination, out int length)
    {
        length = 0;
        Hl7Segment pid = message.First("PID"u8);
        if (!pid.Exists)
        {
            return TranslateStatus.Unfit("the message has no PID segment");
        }

        Span<byte> id = work.Id;
        if (!TryWritePatientId(message, work, id))
        {
            return TranslateStatus.Unfit("PID-3 has no patient identifier of a supported length");
        }

        Hl7Text text = work.Text;
        FhirPatient.Writer writer = FhirPatient.Write(destination);
        writer.Id = id;
        WriteIdentifiers(ref writer, pid, text);
        WriteNames(ref writer, pid, text);
        WriteTelecom(ref writer, pid, work);
        WriteAddresses(ref writer, pid, text);
        WriteDates(ref writer, pid, work);
        if (pid[8].Component(1) is var gender && Hl7Value.IsPresent(gender))
        {
            writer.Gender = gender[0] switch
            {
                (byte)'M' => AdministrativeGender.Male,
                (byte)'F' => AdministrativeGender.Female,
                (byte)'U' => AdministrativeGender.Unknown,
                _ => AdministrativeGender.Other,
            };
        }

        if (text.Read(pid[16].Component(1)) is { IsEmpty: false } marital)
        {
            FhirPatient.CodeableConceptWriter status = writer.BeginMaritalStatus();
            var codings = status.BeginCoding();
            FhirPatient.CodingWriter coding = codings.Begin();
            coding.System = "http://terminology.hl7.org/CodeSystem/v2-0002"u8;
            coding.Code = marital;
            codings.End(coding);
            status.EndCoding(codings);
            writer.EndMaritalStatus(status);
        }

        length = writer.Length;
        return TranslateStatus.Ok;
    }

    /// <summary>PID-3, PID-18 as the account, PID-19 as the social security number.</summary>
    private static void WriteIdentifiers(ref FhirPatient.Writer writer, Hl7Segment pid, Hl7Text text)
    {
        var identifiers = writer.BeginIdentifier();
        foreach (Hl7Field one in pid[3].Repetitions)
        {
            Hl7Components cx = new(one);
            Add(ref identifiers, cx, cx[5], text);
        }

        Add(ref identifiers, new Hl7Components(pid[18].First), "AN"u8, text);
        Add(ref identifiers, new Hl7Components(pid[19].First), "SS"u8, text);
        writer.EndIdentifier(identifiers);

        static void Add(
            ref EsfNestedArrayWriter<FhirPatient.IdentifierWriter> identifiers, in Hl7Components cx, ReadOnlySpan<byte> type,
            Hl7Text text)
        {
            ReadOnlySpan<byte> value = text.Read(cx[1]);
            if (value.IsEmpty)
            {
                return;
            }

            FhirPatient.IdentifierWriter identifier = identifiers.Begin();
            identifier.Value = value;
            ReadOnlySpan<byte> universalId = cx.SubComponent(4, 2);
            ReadOnlySpan<byte> system = text.Read(universalId.IsEmpty ? cx.SubComponent(4, 1) : universalId);
            if (!system.IsEmpty)
            {
                identifier.System = system;
            }

            if (text.Read(type) is { IsEmpty: false } code)
            {
                FhirPatient.CodeableConceptWriter concept = identifier.BeginType();
                var codings = concept.BeginCoding();
                FhirPatient.CodingWriter coding = codings.Begin();
                coding.System = "http://terminology.hl7.org/CodeSystem/v2-0203"u8;
                coding.Code = code;
                codings.End(coding);
                concept.EndCoding(codings);
                identifier.EndType(concept);
            }

            identifiers.End(identifier);
        }
    }

    /// <summary>PID-5 and PID-9, data type XPN: family, given, further given, suffix, prefix, …, name type.</summary>
    private static void WriteNames(ref FhirPatient.Writer writer, Hl7Segment pid, Hl7Text text)
    {
        var names = writer.BeginName();
        for (int field = 5; field <= 9; field += 4)
        {
            foreach (Hl7Field one in pid[field].Repetitions)
            {
                Hl7Components xpn = new(one);
                if (text.Read(xpn[1]).IsEmpty && text.Read(xpn[2]).IsEmpty)
                {
                    continue;
                }

                FhirPatient.HumanNameWriter name = names.Begin();
                if (text.Read(xpn.SubComponent(1, 1)) is { IsEmpty: false } family)
                {
                    name.Family = family;
                }

                var given = name.BeginGiven();
                AddIfPresent(ref given, text.Read(xpn[2]));
                AddIfPresent(ref given, text.Read(xpn[3]));
                name.EndGiven(given);
                var prefix = name.BeginPrefix();
                AddIfPresent(ref prefix, text.Read(xpn[5]));
                name.EndPrefix(prefix);
                var suffix = name.BeginSuffix();
                AddIfPresent(ref suffix, text.Read(xpn[4]));
                name.EndSuffix(suffix);
                if (UseOf(xpn[7]) is { } use)
                {
                    name.Use = use;
                }

                names.End(name);
            }
        }

        writer.EndName(names);
    }

    private static void AddIfPresent<TItem>(ref EsfArrayWriter<ReadOnlySpan<byte>, TItem> texts, ReadOnlySpan<byte> value)
        where TItem : struct, IEsfValueItem<ReadOnlySpan<byte>>
    {
        if (!value.IsEmpty)
        {
            texts.Add(value);
        }
    }

    /// <summary>HL7 table 0200.</summary>
    private static NameUse? UseOf(ReadOnlySpan<byte> type) => type.Length != 1 ? null : type[0] switch
    {
        (byte)'L' => NameUse.Official,
        (byte)'M' => NameUse.Maiden,
        (byte)'N' => NameUse.Nickname,
        (byte)'S' => NameUse.Anonymous,
        (byte)'T' => NameUse.Temp,
        (byte)'D' => NameUse.Usual,
        _ => null,
    };

    /// <summary>PID-13 (home) and PID-14 (work), data type XTN.</summary>
    private static void WriteTelecom(ref FhirPatient.Writer writer, Hl7Segment pid, Hl7Work work)
    {
        Hl7Text text = work.Text;
        var contacts = writer.BeginTelecom();
        for (int field = 13; field <= 14; field++)
        {
            foreach (Hl7Field one in pid[field].Repetitions)
            {
                Hl7Components xtn = new(one);
                bool isEmail = !text.Read(xtn[4]).IsEmpty;
                int component = isEmail ? 4 : !text.Read(xtn[1]).IsEmpty ? 1 : 12;
                bool isSplit = !isEmail && text.Read(xtn[component]).IsEmpty;
                component = isSplit ? 7 : component;
                if (text.Read(xtn[component]).IsEmpty)
                {
                    continue;
                }

                FhirPatient.ContactPointWriter contact = contacts.Begin();
                ReadOnlySpan<byte> equipment = xtn[3];
                contact.System = isEmail ? ContactPointSystem.Email
                    : equipment.SequenceEqual("FX"u8) ? ContactPointSystem.Fax
                    : equipment.SequenceEqual("BP"u8) ? ContactPointSystem.Pager
                    : ContactPointSystem.Phone;
                contact.Use = equipment.SequenceEqual("CP"u8) ? ContactPointUse.Mobile
                    : field == 13 ? ContactPointUse.Home : ContactPointUse.Work;
                if (isSplit)
                {
                    WriteSplitNumber(ref contact, xtn, work.Time);
                }
                else
                {
                    contact.Value = text.Read(xtn[component]);
                }

                contacts.End(contact);
            }
        }

        writer.EndTelecom(contacts);
    }

    /// <summary>Country, area, local number and extension in separate components.</summary>
    private static void WriteSplitNumber(ref FhirPatient.ContactPointWriter contact, in Hl7Components xtn, Span<byte> number)
    {
        const int MaxPart = 16;
        int length = 0;
        for (int component = 5; component <= 8; component++)
        {
            ReadOnlySpan<byte> part = xtn[component];
            if (!part.IsEmpty && part.Length <= MaxPart && System.Text.Ascii.IsValid(part))
            {
                if (length > 0)
                {
                    number[length++] = (byte)' ';
                }

                part.CopyTo(number[length..]);
                length += part.Length;
            }
        }

        contact.Value = number[..length];
    }

    /// <summary>PID-11, data type XAD: street, other, city, state, postal code, country, type, …, county.</summary>
    private static void WriteAddresses(ref FhirPatient.Writer writer, Hl7Segment pid, Hl7Text text)
    {
        var addresses = writer.BeginAddress();
        foreach (Hl7Field one in pid[11].Repetitions)
        {
            Hl7Components xad = new(one);
            FhirPatient.AddressWriter address = addresses.Begin();
            var lines = address.BeginLine();
            AddIfPresent(ref lines, text.Read(xad.SubComponent(1, 1)));
            AddIfPresent(ref lines, text.Read(xad[2]));
            address.EndLine(lines);
            if (text.Read(xad[3]) is { IsEmpty: false } city)
            {
                address.City = city;
            }

            if (text.Read(xad[4]) is { IsEmpty: false } state)
            {
                address.State = state;
            }

            if (text.Read(xad[5]) is { IsEmpty: false } postalCode)
            {
                address.PostalCode = postalCode;
            }

            if (text.Read(xad[6]) is { IsEmpty: false } country)
            {
                address.Country = country;
            }

            if (text.Read(xad[9]) is { IsEmpty: false } district)
            {
                address.District = district;
            }

            if (xad[7] is { Length: 1 } type)
            {
                address.Use = type[0] switch
                {
                    (byte)'H' or (byte)'P' => AddressUse.Home,
                    (byte)'B' or (byte)'O' => AddressUse.Work,
                    (byte)'C' => AddressUse.Temp,
                    _ => AddressUse.Home,
                };
            }

            addresses.End(address);
        }

        writer.EndAddress(addresses);
    }

    /// <summary>PID-7 birth, PID-24 and 25 multiple birth, PID-29 and 30 death.</summary>
    private void WriteDates(ref FhirPatient.Writer writer, Hl7Segment pid, Hl7Work work)
    {
        Span<byte> time = work.Time;
        int length = Hl7Time.ToDate(pid[7].Component(1), time);
        if (length > 0)
        {
            writer.BirthDate = time[..length];
        }

        if (Hl7Number.TryRead(pid[25].Bytes, out Hl7Number order) && order is { Scale: 0, Value: > 0 and < 100 })
        {
            writer.MultipleBirthOrder = (int)order.Value;
        }
        else if (pid[24].Bytes is { Length: 1 } multiple)
        {
            writer.MultipleBirth = multiple[0] == (byte)'Y';
        }

        length = Hl7Time.ToFhir(pid[29].Component(1), Options.Offset, time);
        if (length > 0)
        {
            writer.DeceasedAt = time[..length];
        }
        else if (pid[30].Bytes is { Length: 1 } deceased)
        {
            writer.Deceased = deceased[0] == (byte)'Y';
        }
    }
}
